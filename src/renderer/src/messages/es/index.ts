import type { MessageKey } from '../en/index.ts';
import { cluster } from './cluster.ts';
import { courses } from './courses.ts';
import { elastic } from './elastic.ts';
import { events } from './events.ts';
import { faults } from './faults.ts';
import { fields } from './fields.ts';
import { frame } from './frame.ts';
import { heartbeats } from './heartbeats.ts';
import { latency } from './latency.ts';
import { load } from './load.ts';
import { playback } from './playback.ts';
import { records } from './records.ts';
import { requests } from './requests.ts';
import { settings } from './settings.ts';
import { tasks } from './tasks.ts';
import { timeline } from './timeline.ts';
import { topology } from './topology.ts';
import { weather } from './weather.ts';

export const es: Record<MessageKey, string> = {
  ...cluster,
  ...courses,
  ...elastic,
  ...events,
  ...faults,
  ...fields,
  ...frame,
  ...heartbeats,
  ...latency,
  ...load,
  ...records,
  ...requests,
  ...playback,
  ...settings,
  ...tasks,
  ...timeline,
  ...topology,
  ...weather,
};
