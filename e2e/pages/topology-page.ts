/** The first page: the cluster as a picture or as tables. */
import { expect, test, type Locator, type Page } from '@playwright/test';

export type EdgeNumbers = Record<string, number>;
type Spawnable = 'worker' | 'datanode';

/** `worker-1` → `Worker`, as the picture calls it. */
const roleOf = (node: string): string => {
  const [role = ''] = node.split('-');
  return role.charAt(0).toUpperCase() + role.slice(1);
};

export class TopologyPage {
  readonly #page: Page;
  readonly picture: Locator;
  readonly edges: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.picture = page.getByRole('group', { name: /^Picture of the cluster/ });
    this.edges = page.getByRole('table', { name: 'Edges' });
  }

  /** A node of the picture, in whatever state. */
  node(node: string): Locator {
    return this.picture.getByRole('button', { name: new RegExp(`^${node}, `) });
  }

  nodes(role: string): Locator {
    return this.picture.getByRole('button', { name: new RegExp(`, ${role}, `) });
  }

  /** Names of all nodes in the picture, sorted. */
  async names(): Promise<string[]> {
    const labels = await this.picture
      .getByRole('button', { name: /^[a-z]+(-\d+)?, [A-Z]/ })
      .evaluateAll((buttons) => buttons.map((button) => (button.getAttribute('aria-label') ?? '').split(',')[0] ?? ''));
    return labels.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  expectState(node: string, state: string): Promise<void> {
    return test.step(`${node} is ${state}`, async () => {
      await expect(this.node(node)).toHaveAccessibleName(`${node}, ${roleOf(node)}, ${state}`, { timeout: 30_000 });
    });
  }

  /** Cause and time below the name of a dead node. */
  tombstone(node: string): Locator {
    return this.#page.getByTestId(`tombstone-${node}`);
  }

  respawnButton(node: string): Locator {
    return this.picture.getByRole('button', { name: `Respawn ${node}` });
  }

  /** Spawns with a click and resolves with the names of the new nodes. */
  spawn(role: Spawnable, count = 1): Promise<string[]> {
    return test.step(`spawn ${count} × ${role}`, async () => {
      const before = await this.names();
      const all = this.nodes(roleOf(role));
      const wanted = (await all.count()) + count;
      if (count !== 1) await this.#page.getByRole('textbox', { name: `How many ${role}s` }).fill(String(count));
      await this.#page.getByRole('button', { name: `Spawn ${role}` }).click();
      await expect(all).toHaveCount(wanted);
      return (await this.names()).filter((name) => !before.includes(name));
    });
  }

  select(first: string, ...more: string[]): Promise<void> {
    return test.step(`select ${[first, ...more].join(', ')}`, async () => {
      await this.node(first).click();
      for (const node of more) await this.node(node).click({ modifiers: ['Shift'] });
    });
  }

  /** Every state that a node of the picture has from now on, in order, by the node's name. */
  async watchStates(): Promise<() => Promise<Record<string, string[]>>> {
    const seen = await this.picture.evaluateHandle((picture) => {
      const states: Record<string, string[]> = {};
      const look = (): void => {
        for (const button of picture.querySelectorAll('button[aria-label][data-state]')) {
          const [node = '', , state = ''] = (button.getAttribute('aria-label') ?? '').split(', ');
          const known = (states[node] ??= []);
          if (known.at(-1) !== state) known.push(state);
        }
      };
      look();
      new MutationObserver(look).observe(picture, { subtree: true, childList: true, attributeFilter: ['aria-label'] });
      return states;
    });
    return () => seen.jsonValue();
  }

  /** The numbers that stand on the edges of the picture, as they are read, by `from → to`. */
  edgeNumbers(): Promise<EdgeNumbers> {
    return this.picture.getByRole('img', { name: 'Edges' }).evaluate((svg) =>
      Object.fromEntries(
        [...svg.querySelectorAll('[data-testid^="edge-"]')].flatMap((edge) => {
          const text = edge.querySelector('text')?.textContent;
          const name = (edge.getAttribute('data-testid') ?? '').slice('edge-'.length);
          return text ? [[name, Number(text.replaceAll(/\s/g, ''))]] : [];
        }),
      ),
    );
  }

  showTables(): Promise<void> {
    return test.step('show the picture as tables', async () => {
      await this.#page.getByRole('radiogroup', { name: 'View' }).getByText('Table').click();
      await expect(this.edges).toBeVisible();
    });
  }

  /** Sent, ok, failed and in flight of every edge of the table, by `from → to`. */
  async edgeRows(): Promise<Record<string, number[]>> {
    const rows = await this.edges
      .getByRole('row')
      .evaluateAll((all) => all.slice(1).map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText)));
    return Object.fromEntries(
      rows.map(([from, to, _fault, ...numbers]) => [
        `${from}-${to}`,
        numbers.slice(0, 4).map((text) => Number(text.replaceAll(/\s/g, ''))),
      ]),
    );
  }
}
