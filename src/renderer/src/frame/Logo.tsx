/** The sign of the app: two planets round a lamp. */
export function Logo() {
  return (
    <svg
      width="26"
      height="26"
      viewBox="0 0 32 32"
      fill="none"
      stroke="var(--compute)"
      strokeWidth="1.6"
      aria-hidden="true"
    >
      <circle cx="16" cy="16" r="13" opacity=".45" />
      <circle cx="16" cy="16" r="7.5" opacity=".7" />
      <circle cx="16" cy="16" r="3" fill="var(--retry)" stroke="none" />
      <circle cx="25.2" cy="6.8" r="2.7" fill="var(--compute)" stroke="none" />
      <circle cx="10.7" cy="21.3" r="2.3" fill="var(--storage)" stroke="none" />
    </svg>
  );
}
