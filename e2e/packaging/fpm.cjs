#!/usr/bin/env node
// Stands in for fpm, which no distribution carries: makes a .deb by dpkg-deb from the arguments that
// electron-builder gives. Tests only.
const { execFileSync } = require('node:child_process');
const {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const SHORT = { '-s': 'input', '-t': 'output', '-d': 'depends' };
const FLAGS = new Set(['--force']);
const options = new Map();
const mappings = [];
const args = process.argv.slice(2);
while (args.length > 0) {
  const argument = args.shift();
  if (FLAGS.has(argument)) continue;
  const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
  const option = SHORT[argument] ?? name;
  if (option) options.set(option, [...(options.get(option) ?? []), value ?? args.shift()]);
  else mappings.push(argument);
}
const one = (name) => options.get(name)?.at(-1);

const root = mkdtempSync(path.join(os.tmpdir(), 'orrery-deb-'));
chmodSync(root, 0o755);
for (const mapping of mappings) {
  const [from, to] = [mapping.slice(0, mapping.lastIndexOf('=')), mapping.slice(mapping.lastIndexOf('=') + 1)];
  const target = path.join(root, to);
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(from, target, { recursive: true, verbatimSymlinks: true });
}
/** Folders and programs 755, the rest 644, as a package should; setuid stays. */
function tidy(file) {
  const { mode } = statSync(file);
  const isFolder = statSync(file).isDirectory();
  if (isFolder) for (const name of readdirSync(file)) tidy(path.join(file, name));
  chmodSync(file, isFolder || mode & 0o111 ? 0o755 : 0o644);
}
tidy(root);

const control = path.join(root, 'DEBIAN');
mkdirSync(control);
const scripts = { 'after-install': 'postinst', 'after-remove': 'postrm', 'before-remove': 'prerm' };
for (const [option, name] of Object.entries(scripts)) {
  if (!one(option)) continue;
  cpSync(one(option), path.join(control, name));
  chmodSync(path.join(control, name), 0o755);
}
const size = Number(execFileSync('du', ['-sk', root], { encoding: 'utf8' }).split('\t')[0]);
const [synopsis = '', ...rest] = one('description')
  .split('\n')
  .map((line) => line.trim())
  .filter(Boolean);
const fields = {
  Package: one('name'),
  Version: one('version'),
  Architecture: one('architecture'),
  Maintainer: one('maintainer'),
  Depends: options.get('depends')?.join(', '),
  Recommends: options.get('deb-recommends')?.join(', '),
  'Installed-Size': size,
  Section: one('category'),
  Priority: one('deb-priority'),
  Homepage: one('url'),
  Description: [synopsis, ...rest.map((line) => ` ${line}`)].join('\n'),
};
const text = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
writeFileSync(path.join(control, 'control'), `${text.join('\n')}\n`);
const files = execFileSync('find', ['.', '-type', 'f', '-not', '-path', './DEBIAN/*', '-printf', '%P\\0'], {
  cwd: root,
});
const sums = execFileSync('xargs', ['-0', 'md5sum'], { cwd: root, input: files });
writeFileSync(path.join(control, 'md5sums'), sums, { mode: 0o644 });
// Tests read the package once: speed before size.
execFileSync('fakeroot', ['dpkg-deb', '-Zgzip', '-z1', '--root-owner-group', '--build', root, one('package')], {
  stdio: 'inherit',
});
execFileSync('rm', ['-rf', root]);
readFileSync(one('package'));
