/** Writes a cluster down as files that run it without the panel. */
import { stringify } from 'yaml';
import { composeDocument, composeEnvironment } from '../../core/export/compose.ts';
import {
  aboutImage,
  type ExportedCluster,
  type ExportedFile,
  type ExportFormat,
} from '../../core/export/exported-cluster.ts';
import { kubernetesManifests } from '../../core/export/kubernetes.ts';

const toYaml = (value: unknown) => stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });

/** The files of a format; their names are relative to a folder of the user's. */
export function exportFiles(format: ExportFormat, cluster: ExportedCluster): ExportedFile[] {
  const image = `# ${aboutImage(cluster.image)}\n`;
  switch (format) {
    case 'compose': {
      const head = `# Orrery cluster ${cluster.name}. Start: docker compose up -d   End, data too: docker compose down -v\n`;
      return [
        { name: 'compose.yaml', text: head + image + toYaml(composeDocument(cluster)) },
        { name: '.env', text: composeEnvironment(cluster) },
      ];
    }
    case 'kubernetes': {
      const head = `# Orrery cluster ${cluster.name}. Start: kubectl apply -f orrery.yaml   End: kubectl delete -f orrery.yaml (volumes stay)\n`;
      return [{ name: 'orrery.yaml', text: head + image + kubernetesManifests(cluster).map(toYaml).join('---\n') }];
    }
  }
}
