/**
 * Makes every icon of the packages from build/icon.svg: PNGs for Linux, an .ico for Windows, an .icns for
 * macOS (both are containers of PNGs). Run it when the drawing changes; the results are kept in git, so that
 * no build needs a browser. `ORRERY_CHROMIUM` names the Chromium that draws.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024] as const;
type Size = (typeof SIZES)[number];
const ICO_SIZES: readonly Size[] = [16, 24, 32, 48, 64, 128, 256];
/** Types of .icns entries that hold a PNG, with its size in pixels. */
const ICNS_TYPES: readonly [string, Size][] = [
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
];

const folder = path.resolve(import.meta.dirname, '../build');

async function draw(svg: string): Promise<Map<Size, Buffer>> {
  const browser = await chromium.launch({ executablePath: process.env['ORRERY_CHROMIUM'] || '/usr/bin/chromium' });
  const drawn = new Map<Size, Buffer>();
  for (const size of SIZES) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const style = '*{margin:0}svg{display:block;width:100vw;height:100vh}';
    await page.setContent(`<style>${style}</style>${svg}`);
    drawn.set(size, await page.screenshot({ omitBackground: true }));
    await page.close();
  }
  await browser.close();
  return drawn;
}

/** A header, an entry of 16 bytes for each picture, the pictures. */
function asIco(pictures: readonly [Size, Buffer][]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [index, [size, { length }]] of pictures.entries()) {
    const at = 6 + 16 * index;
    // 256 is written as 0.
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += length;
  }
  return Buffer.concat([head, ...pictures.map(([, picture]) => picture)]);
}

/** A header, then for each picture its type and length (both counted in) before it. */
function asIcns(pictures: readonly [string, Buffer][]): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(8 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  return chunk('icns', Buffer.concat(pictures.map(([type, picture]) => chunk(type, picture))));
}

const drawn = await draw(readFileSync(path.join(folder, 'icon.svg'), 'utf8'));
const of = (size: Size): Buffer => drawn.get(size) ?? Buffer.alloc(0);
mkdirSync(path.join(folder, 'icons'), { recursive: true });
for (const size of SIZES) writeFileSync(path.join(folder, 'icons', `${size}x${size}.png`), of(size));
writeFileSync(path.join(folder, 'icon.ico'), asIco(ICO_SIZES.map((size) => [size, of(size)])));
writeFileSync(path.join(folder, 'icon.icns'), asIcns(ICNS_TYPES.map(([type, size]) => [type, of(size)])));
