/** Whether workers of the cluster take fruit too, or leave it all to programs of students. */
import { Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';

export function NativeSwitch() {
  const t = useT();
  const connected = usePicture((picture) => picture.monitors.master);
  /** null: not known. */
  const [native, setNative] = useState<boolean | null>(null);
  useEffect(() => {
    if (!connected) return;
    const known = getClient().call('orders.set', {});
    // Without an answer it stays unknown, and cannot be switched.
    perform(known.then((orders) => setNative(orders.native)).catch(() => setNative(null)));
  }, [connected]);
  const change = async (wanted: boolean): Promise<void> => {
    const orders = await attempt(() => getClient().call('orders.set', { native: wanted }));
    if (orders) setNative(orders.native);
  };
  return (
    <Switch
      label={t('courses.native')}
      checked={native ?? false}
      disabled={native === null || !connected}
      onChange={(event) => perform(change(event.currentTarget.checked))}
    />
  );
}
