/** Bounds of what master and workers exchange, apart from the schemas so that workers need no schema library. */
export const TASK_ID_LENGTH_MAX = 200;
export const ERROR_LENGTH_MAX = 1_000;
export const RESULT_LENGTH_MAX = 256 * 1024;
