/** Where programs of the courses find the cluster that runs. */
import { useMemo } from 'react';
import type { CoursePort } from '../../../../core/course/course-ports.ts';
import { addressesOf, addressesWith, portsPublished, type Addresses } from '../../../../core/course/courses.ts';
import { useHasCluster, usePicture } from '../../stores/picture-store.ts';

/** As they are; the course’s own port of HTTP while no cluster runs, since the examples want some address. */
export function useAddresses(): Addresses {
  const endpoints = usePicture((picture) => picture.endpoints);
  const has = useHasCluster();
  return useMemo(
    () => (has && endpoints !== null ? addressesOf(endpoints) : addressesWith([], 'http://127.0.0.1:5000')),
    [endpoints, has],
  );
}

/** The ports of the courses at which the cluster is published now. */
export function usePublished(): CoursePort[] {
  const endpoints = usePicture((picture) => picture.endpoints);
  const has = useHasCluster();
  return useMemo(() => (has && endpoints !== null ? portsPublished(endpoints.course) : []), [endpoints, has]);
}
