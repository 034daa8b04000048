// A second copy of what the browser keeps, on the disk at once: Chromium writes localStorage there
// only seconds later, which a dead battery or a killed browser would take away.

const NAME = "desk";
const GAP = 250; // milliseconds between two writes at least

const open = () =>
  new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("entries");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = reject;
  });

let opened = null;
const database = () => (opened ??= open());

async function change(act) {
  const { transaction } = await within("readwrite", act);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(true);
    transaction.onabort = reject;
  });
}

async function within(mode, act) {
  const transaction = (await database()).transaction("entries", mode, { durability: "strict" });
  return { transaction, asked: act(transaction.objectStore("entries")) };
}

const waiting = new Map(); // what each name is to hold; null where it goes
let lane = null;

// Writes the newest entry of each name, one write after the other; tells whether that went well.
export function put(name, entry) {
  waiting.set(name, entry);
  return (lane ??= drain().finally(() => (lane = null)));
}

export const remove = (name) => put(name, null);

async function drain() {
  try {
    while (waiting.size) {
      const now = [...waiting];
      waiting.clear();
      await change((store) => {
        for (const [name, entry] of now) entry ? store.put(entry, name) : store.delete(name);
      });
      await new Promise((resolve) => setTimeout(resolve, GAP));
    }
    return true;
  } catch {
    return false; // forbidden or full: the copy in localStorage is all there is
  }
}

// Returns the entries whose names begin so, as pairs.
export async function all(prefix) {
  try {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const read = (what) =>
      within("readonly", (store) => store[what](range)).then(
        ({ asked }) =>
          new Promise((resolve, reject) => {
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = reject;
          }),
      );
    const [names, entries] = await Promise.all([read("getAllKeys"), read("getAll")]);
    return names.map((name, at) => [name, entries[at]]);
  } catch {
    return [];
  }
}
