/** Deleting with a way back: what is deleted is exactly what was read before, and is put back only where nothing else came. */
import { OrreryError } from '../../../../../containers/protocol/errors.ts';
import type { RecordContent } from '../../../../contract/records-schema.ts';
import { getClient } from '../../bridge.ts';
import { requestsStore } from '../../stores/requests-store.ts';

/** Lists are old now. */
export function recordsChanged(): void {
  requestsStore.setState((state) => ({ recordsVersion: state.recordsVersion + 1 }));
}

/** Deletes the version that is there; gives what it was. Rejects when it is not certain that it is gone. */
export async function deleteRecord(key: string): Promise<RecordContent> {
  const client = getClient();
  const content = await client.call('records.read', { key });
  if (content === null) throw new OrreryError('not-found', { what: `Record ${key}` });
  const answer = await client.call('records.delete', { key, ifVersion: content.version });
  recordsChanged();
  if (answer.outcome !== 'ok') throw answerError(answer);
  return content;
}

/** Gives the version under which the record is back. Rejects when another one is there by now. */
export async function restoreRecord({ key, valueBase64, contentType }: RecordContent): Promise<string> {
  const write = { key, value: valueBase64, encoding: 'base64', contentType, ifVersion: 'absent' } as const;
  const answer = await getClient().call('records.put', write);
  recordsChanged();
  if (answer.outcome !== 'ok') throw answerError(answer);
  return answer.answer;
}

/** An answer that is a refusal keeps its own sentence. */
function answerError({ answer, outcome }: { answer: string; outcome: string }): OrreryError {
  const error = new OrreryError(outcome === 'unknown' ? 'outcome-unknown' : 'conflict', { reason: answer });
  error.message = answer;
  return error;
}
