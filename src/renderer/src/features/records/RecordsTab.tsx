/** Browse on the left, one record on the right. */
import { ActionIcon, Button, CloseButton, TextInput } from '@mantine/core';
import { IconArrowRight, IconDownload, IconPlus, IconRefresh, IconUpload } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import { attempt } from '../../actions.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section.tsx';
import { deleteRecord, restoreRecord } from './delete-record.ts';
import { ExportDialog } from './ExportDialog.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { RecordPanel, type Shown } from './RecordPanel.tsx';
import { RecordTable } from './RecordTable.tsx';
import styles from './records.module.css';
import { useRecords } from './use-records.ts';

export function RecordsTab() {
  const [prefix, setPrefix] = useState('');
  const [shown, setShown] = useState<Shown | null>(null);
  const [dialog, setDialog] = useState<'export' | 'import' | null>(null);
  return (
    <div className={styles['records']} data-detail={shown !== null}>
      <Browse
        prefix={prefix}
        onPrefix={setPrefix}
        chosen={shown?.key ?? null}
        onShow={(key) => setShown({ key })}
        onDialog={setDialog}
      />
      {shown !== null && (
        <RecordPanel key={shown.key ?? ''} shown={shown} onShow={setShown} onClose={() => setShown(null)} />
      )}
      {dialog === 'export' && <ExportDialog prefix={prefix} onClose={() => setDialog(null)} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
    </div>
  );
}

type BrowseProps = {
  prefix: string;
  onPrefix: (prefix: string) => void;
  chosen: string | null;
  /** Null: a new one. */
  onShow: (key: string | null) => void;
  onDialog: (dialog: 'export' | 'import') => void;
};

function Browse({ prefix, onPrefix, chosen, onShow, onDialog }: BrowseProps) {
  const t = useT();
  const [find, setFind] = useState('');
  const [from, setFrom] = useState<string | null>(null);
  const listing = useRecords(prefix, find, from);
  const { records, next, more, refresh } = listing;
  const { deleted, remove, undo, forget } = useDeleting();
  return (
    <Section
      title={t('records.list')}
      fill
      aside={
        <Aside onShow={onShow} onDialog={onDialog}>
          {listing.loaded && listing.failed === null && <Count loaded={records.length} isAll={next === null} />}
        </Aside>
      }
    >
      <Filters
        prefix={prefix}
        onPrefix={onPrefix}
        find={find}
        onFind={setFind}
        from={from}
        onFrom={setFrom}
        refresh={refresh}
      />
      {deleted !== null && <DeletedBar deleted={deleted} onUndo={() => perform(undo())} onClose={forget} />}
      <Remark listing={listing} isFiltered={prefix !== '' || find !== '' || from !== null} />
      <RecordTable
        records={records}
        chosen={chosen}
        onChoose={onShow}
        onDelete={(key) => perform(remove(key))}
        onEnd={more}
      />
    </Section>
  );
}

type AsideProps = Pick<BrowseProps, 'onShow' | 'onDialog'> & { children: ReactNode };

function Aside({ onShow, onDialog, children }: AsideProps) {
  const t = useT();
  return (
    <span className={styles['aside']}>
      {children}
      <Button leftSection={<IconPlus size={14} />} onClick={() => onShow(null)}>
        {t('records.new')}
      </Button>
      <Button leftSection={<IconUpload size={14} />} onClick={() => onDialog('import')}>
        {t('records.import')}
      </Button>
      <Button leftSection={<IconDownload size={14} />} onClick={() => onDialog('export')}>
        {t('records.export')}
      </Button>
    </span>
  );
}

type DeletedProps = { deleted: Deleted; onUndo: () => void; onClose: () => void };

function DeletedBar({ deleted: { text, canUndo }, onUndo, onClose }: DeletedProps) {
  const t = useT();
  return (
    <p className={styles['deleted']} role="status">
      <span>{text}</span>
      {canUndo && <Button onClick={onUndo}>{t('records.undo')}</Button>}
      <CloseButton size="sm" aria-label={t('action.close')} onClick={onClose} />
    </p>
  );
}

type RemarkProps = {
  listing: Pick<ReturnType<typeof useRecords>, 'records' | 'failed' | 'loaded' | 'serves'>;
  isFiltered: boolean;
};

/** Why the table shows nothing, or nothing more. */
function Remark({ listing: { records, failed, loaded, serves }, isFiltered }: RemarkProps) {
  const t = useT();
  // The banner above says it, and what to do.
  if (!serves) return null;
  if (failed !== null) {
    return (
      <p className={page['pad']} role="alert">
        {failed}
      </p>
    );
  }
  if (!loaded || records.length > 0) return null;
  return <p className={`${page['pad'] ?? ''} dim`}>{t(isFiltered ? 'records.no-match' : 'records.none')}</p>;
}

type CountProps = { loaded: number; isAll: boolean };

function Count({ loaded, isAll }: CountProps) {
  const t = useT();
  const text = t(isAll ? 'records.loaded-all' : 'records.loaded', { loaded: formatCount(loaded) });
  return <span className="num dim">{text}</span>;
}

type FilterProps = {
  prefix: string;
  onPrefix: (prefix: string) => void;
  find: string;
  onFind: (find: string) => void;
  from: string | null;
  onFrom: (from: string | null) => void;
  refresh: () => void;
};

function Filters({ prefix, onPrefix, find, onFind, from, onFrom, refresh }: FilterProps) {
  const t = useT();
  const [jump, setJump] = useState('');
  return (
    <form
      className={styles['filters']}
      onSubmit={(event) => {
        event.preventDefault();
        onFrom(jump === '' ? null : jump);
      }}
    >
      <Field label={t('records.prefix')} value={prefix} onChange={onPrefix} width={180} />
      <Field label={t('records.find')} value={find} onChange={onFind} width={200} />
      <Field label={t('records.jump')} value={jump} onChange={setJump} width={180} />
      <ActionIcon type="submit" aria-label={t('records.jump')}>
        <IconArrowRight size={15} />
      </ActionIcon>
      {from !== null && (
        <Button
          variant="subtle"
          title={t('records.from-start')}
          onClick={() => {
            onFrom(null);
            setJump('');
          }}
        >
          {`${t('records.from', { key: from })} ×`}
        </Button>
      )}
      <ActionIcon className={styles['last'] ?? ''} aria-label={t('action.refresh')} onClick={refresh}>
        <IconRefresh size={15} />
      </ActionIcon>
    </form>
  );
}

type FieldProps = { label: string; value: string; onChange: (value: string) => void; width: number };

function Field({ label, value, onChange, width }: FieldProps) {
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      spellCheck={false}
      w={width}
    />
  );
}

type Deleted = { text: string; canUndo: boolean };

/** The last deletion can be undone until the next one, or until it is closed. */
function useDeleting() {
  const t = useT();
  const [deleted, setDeleted] = useState<Deleted | null>(null);
  const [content, setContent] = useState<Awaited<ReturnType<typeof deleteRecord>> | null>(null);
  const remove = async (key: string): Promise<void> => {
    const gone = await attempt(() => deleteRecord(key));
    if (gone === undefined) return;
    setContent(gone);
    setDeleted({ text: t('records.deleted', { key, version: gone.version }), canUndo: true });
  };
  const undo = async (): Promise<void> => {
    if (content === null) return;
    const { key } = content;
    try {
      const version = await restoreRecord(content);
      setDeleted({ text: t('records.restored', { key, version }), canUndo: false });
    } catch (thrown) {
      const reason = toOrreryError(thrown, 'headnode').message;
      setDeleted({ text: t('records.not-restored', { key, reason }), canUndo: true });
    }
  };
  return { deleted, remove, undo, forget: () => setDeleted(null) };
}
