/** What menus, tray, dialogs and notifications say. The window has a catalogue of its own, in the renderer. */
const en = {
  file: 'File',
  view: 'View',
  help: 'Help',
  newWindow: 'New window',
  showWindow: 'Show Orrery',
  documentation: 'Documentation',
  crashReports: 'Crash reports',
  healAll: 'Heal all',
  quit: 'Quit',
  quitRemove: 'Quit and remove the cluster',
  quitKeep: 'Quit and keep its data as {name}',
  cancel: 'Cancel',
  quitTitle: 'What becomes of the cluster?',
  quitText:
    '{nodes} nodes run. Removed, nothing of them is left; kept, their data waits for the next start under the name {name}.',
  noCluster: 'No cluster',
  starting: 'Starting: {ready} of {all} nodes ready',
  running: 'Running: {ready} of {all} nodes ready',
  stopping: 'Stopping',
  engineLost: 'The engine does not answer',
  faults: '{count} faults on',
  open: 'Open this address in the browser?',
  openYes: 'Open',
  nodeDead: '{node} ended: {cause}',
  nodeDeadText: 'Exit code {code}. The window says what became of its work.',
  engineGone: 'Docker does not answer',
  engineGoneText: '{reason}',
  loadDone: 'Load test {name}: {state}',
  loadDoneText: 'Its verdict is on the Load page.',
  crashTitle: 'Orrery ended unexpectedly',
  crashText:
    'A report was written on this machine and sent to nobody. You can read it, and attach it to an issue if you like.',
  crashShow: 'Show the report',
  crashLater: 'Close',
  update: 'Orrery {version} is available',
  updateText: 'It is downloaded and installed only when you say so, in Settings.',
};

export type Word = keyof typeof en;
type Words = Record<Word, string>;

const fr: Words = {
  file: 'Fichier',
  view: 'Affichage',
  help: 'Aide',
  newWindow: 'Nouvelle fenêtre',
  showWindow: 'Afficher Orrery',
  documentation: 'Documentation',
  crashReports: 'Rapports de plantage',
  healAll: 'Tout réparer',
  quit: 'Quitter',
  quitRemove: 'Quitter et supprimer le cluster',
  quitKeep: 'Quitter et garder ses données sous {name}',
  cancel: 'Annuler',
  quitTitle: 'Que devient le cluster ?',
  quitText:
    '{nodes} nœuds tournent. Supprimés, il n’en reste rien ; gardées, leurs données attendent le prochain démarrage sous le nom {name}.',
  noCluster: 'Aucun cluster',
  starting: 'Démarrage : {ready} nœuds prêts sur {all}',
  running: 'En marche : {ready} nœuds prêts sur {all}',
  stopping: 'Arrêt en cours',
  engineLost: 'Le moteur ne répond pas',
  faults: '{count} pannes actives',
  open: 'Ouvrir cette adresse dans le navigateur ?',
  openYes: 'Ouvrir',
  nodeDead: '{node} s’est arrêté : {cause}',
  nodeDeadText: 'Code de sortie {code}. La fenêtre dit ce que son travail est devenu.',
  engineGone: 'Docker ne répond pas',
  engineGoneText: '{reason}',
  loadDone: 'Test de charge {name} : {state}',
  loadDoneText: 'Son verdict est sur la page Charge.',
  crashTitle: 'Orrery s’est arrêté de façon inattendue',
  crashText:
    'Un rapport a été écrit sur cette machine et n’a été envoyé à personne. Vous pouvez le lire, et le joindre à un ticket si vous voulez.',
  crashShow: 'Voir le rapport',
  crashLater: 'Fermer',
  update: 'Orrery {version} est disponible',
  updateText: 'Rien n’est téléchargé ni installé sans votre accord, dans les Réglages.',
};

const es: Words = {
  file: 'Archivo',
  view: 'Ver',
  help: 'Ayuda',
  newWindow: 'Ventana nueva',
  showWindow: 'Mostrar Orrery',
  documentation: 'Documentación',
  crashReports: 'Informes de fallos',
  healAll: 'Sanar todo',
  quit: 'Salir',
  quitRemove: 'Salir y eliminar el clúster',
  quitKeep: 'Salir y conservar sus datos como {name}',
  cancel: 'Cancelar',
  quitTitle: '¿Qué pasa con el clúster?',
  quitText:
    'Hay {nodes} nodos en marcha. Si se eliminan, no queda nada; si se conservan, sus datos esperan al próximo inicio con el nombre {name}.',
  noCluster: 'Ningún clúster',
  starting: 'Iniciando: {ready} de {all} nodos listos',
  running: 'En marcha: {ready} de {all} nodos listos',
  stopping: 'Deteniendo',
  engineLost: 'El motor no responde',
  faults: '{count} fallos activos',
  open: '¿Abrir esta dirección en el navegador?',
  openYes: 'Abrir',
  nodeDead: '{node} terminó: {cause}',
  nodeDeadText: 'Código de salida {code}. La ventana dice qué fue de su trabajo.',
  engineGone: 'Docker no responde',
  engineGoneText: '{reason}',
  loadDone: 'Prueba de carga {name}: {state}',
  loadDoneText: 'Su veredicto está en la página Carga.',
  crashTitle: 'Orrery terminó de forma inesperada',
  crashText:
    'Se escribió un informe en esta máquina y no se envió a nadie. Puede leerlo y adjuntarlo a una incidencia si quiere.',
  crashShow: 'Mostrar el informe',
  crashLater: 'Cerrar',
  update: 'Orrery {version} está disponible',
  updateText: 'Solo se descarga e instala cuando usted lo diga, en Ajustes.',
};

const LANGUAGES: Readonly<Record<string, Words>> = { en, fr, es };

/** Says a word of the shell; what stands in braces is filled in. */
export type Say = (word: Word, values?: Readonly<Record<string, string | number>>) => string;

/** In the person's language: the setting, else the system's (`fr-CA`), else English. */
export function sayIn(setting: unknown, systemLanguage: string): Say {
  const words = LANGUAGES[String(setting)] ?? LANGUAGES[systemLanguage.slice(0, 2)] ?? en;
  return (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '?'));
}
