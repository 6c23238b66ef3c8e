/** The courses' log, out of the journal. */
import { courseLog } from '../../core/course/course-log.ts';
import type { JournalReader } from './journal-reader.ts';

/** Of the newest run until now, in pieces: one may be long. */
export async function* readCourseLog(journal: Pick<JournalReader, 'ofRun'>): AsyncGenerator<string> {
  for await (const page of journal.ofRun('guest-steps')) {
    const text = courseLog(page);
    if (text !== '') yield text;
  }
}
