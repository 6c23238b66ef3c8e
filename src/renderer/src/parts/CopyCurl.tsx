/** Copies a request as a line for a terminal. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { copyText } from '../actions.ts';
import { useT } from '../stores/settings-store.ts';
import { perform } from '../perform.ts';

export function CopyCurl({ curl }: { curl: string }) {
  const t = useT();
  return (
    <Tooltip label={t('action.copy-curl')}>
      <ActionIcon size={22} aria-label={t('action.copy-curl')} onClick={() => perform(copyText(curl))}>
        <IconCopy size={14} />
      </ActionIcon>
    </Tooltip>
  );
}
