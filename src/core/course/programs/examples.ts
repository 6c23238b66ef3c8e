/** A complete short program for each way of joining, in each language. */
import { CURL } from './curl-examples.ts';
import { JAVA } from './java-examples.ts';
import { JAVASCRIPT } from './javascript-examples.ts';
import type { Examples, Program, ProgramLanguage, Target } from './program-kinds.ts';
import { PYTHON } from './python-examples.ts';

const EXAMPLES: Record<ProgramLanguage, Examples> = { python: PYTHON, javascript: JAVASCRIPT, java: JAVA, curl: CURL };

export const exampleOf = (program: Program, language: ProgramLanguage, target: Target): string =>
  EXAMPLES[language][program](target);
