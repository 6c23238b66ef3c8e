/** Asks how to stop: all of it gone, or its data kept under a name. */
import { Button, Group, Modal, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useStore } from 'zustand';
import { CLUSTER_NAME } from '../../../contract/names.ts';
import { stopCluster } from '../actions.ts';
import { usePicture } from '../stores/picture-store.ts';
import { useT } from '../stores/settings-store.ts';
import { openStopDialog, stopDialogStore } from '../stores/stop-dialog-store.ts';
import { perform } from '../perform.ts';

export function StopDialog() {
  const t = useT();
  const opened = useStore(stopDialogStore, (state) => state.open);
  const known = usePicture((picture) => picture.name);
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? known ?? '';
  const valid = CLUSTER_NAME.test(name);
  const close = (): void => openStopDialog(false);
  const stop = (keepAs: string | null): void => {
    close();
    perform(stopCluster(keepAs));
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      attributes={{ content: { 'aria-label': t('stop.title') } }}
      size={460}
    >
      <Title order={2} size={16} mb="sm">
        {t('stop.title')}
      </Title>
      <Text size="sm">{known ? t('stop.named', { name: known }) : t('stop.text')}</Text>
      <TextInput
        mt="md"
        label={t('stop.name')}
        description={t('stop.name-rule')}
        value={name}
        error={name !== '' && !valid}
        onChange={(event) => setTyped(event.currentTarget.value)}
        spellCheck={false}
      />
      <Group mt="lg" gap="sm" justify="flex-end">
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button disabled={!valid} onClick={() => stop(name)}>
          {t('stop.keep')}
        </Button>
        <Button variant="filled" data-autofocus onClick={() => stop(null)}>
          {t('stop.all')}
        </Button>
      </Group>
    </Modal>
  );
}
