/**
 * The fonts that we ship, only the scripts that our languages and formulas need. As files of our own:
 * the CSP allows no data: fonts, which small ones would become.
 */
import interGreek from '@fontsource-variable/inter/files/inter-greek-wght-normal.woff2?no-inline';
import interLatinExt from '@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2?no-inline';
import interLatin from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?no-inline';
import jetbrainsMonoGreek from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-greek-wght-normal.woff2?no-inline';
import jetbrainsMonoLatinExt from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-ext-wght-normal.woff2?no-inline';
import jetbrainsMonoLatin from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?no-inline';

const FACES: readonly [family: string, file: string, weight: string, unicodeRange: string][] = [
  ['Inter Variable', interGreek, '100 900', 'U+0370-0377,U+037A-037F,U+0384-038A,U+038C,U+038E-03A1,U+03A3-03FF'],
  [
    'Inter Variable',
    interLatinExt,
    '100 900',
    'U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF',
  ],
  [
    'Inter Variable',
    interLatin,
    '100 900',
    'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
  ],
  [
    'JetBrains Mono Variable',
    jetbrainsMonoGreek,
    '100 800',
    'U+0370-0377,U+037A-037F,U+0384-038A,U+038C,U+038E-03A1,U+03A3-03FF',
  ],
  [
    'JetBrains Mono Variable',
    jetbrainsMonoLatinExt,
    '100 800',
    'U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF',
  ],
  [
    'JetBrains Mono Variable',
    jetbrainsMonoLatin,
    '100 800',
    'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
  ],
];

/** Makes the fonts known; each is fetched when its first letter is drawn. */
export function installFonts(): void {
  for (const [family, file, weight, unicodeRange] of FACES) {
    document.fonts.add(new FontFace(family, `url(${file})`, { weight, unicodeRange, display: 'swap' }));
  }
}
