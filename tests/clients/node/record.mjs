// A record of what was tried of a client library: every call goes through a wrapper that follows the path of names to
// the method, holds the answer against the type the library declares for it, and writes the path down.

import { Declarations } from "./strict.mjs";

const SELECT = "$select";

// Names that every function or promise has, or that are ours to ignore.
const NOT_METHODS = new Set(["$raw", "then", "prepare"]);

export class Record {
  // `source` is a module that exports the type `Client`; `exceptions` are [pattern, reason] of faults that are the
  // library's own: each pattern is held against "path: fault". `inward` names what is no method for its users.
  constructor(source, exceptions, inward = []) {
    this.inward = new Set([...NOT_METHODS, ...inward]);
    this.declarations = new Declarations(source);
    this.tried = new Set();
    this.misfits = new Set();
    this.exceptions = exceptions.map(([pattern, reason]) => ({ pattern, reason, used: false }));
  }

  // The client with every call recorded. `root` names the property of `Client` that declares it.
  wrap(client, root) {
    const type = this.declarations.member(this.declarations.client, root);
    return this.#follow(root, type, () => client);
  }

  // Write down in which ways a value is not what the best of `types` says.
  hold(path, value, ...types) {
    const attempts = types.map((type) => {
      const faults = this.declarations.faults(value, type).map((fault) => `${path}: ${fault.replaceAll(/\[\d+\]/g, "[]")}`);
      return faults.map((misfit) => ({ misfit, excuse: this.exceptions.find(({ pattern }) => pattern.test(misfit)) }));
    });
    const wrong = (attempt) => attempt.filter(({ excuse }) => excuse === undefined).length;
    const best = attempts.reduce((one, other) => (wrong(other) < wrong(one) ? other : one));
    for (const { misfit, excuse } of best) {
      if (excuse === undefined) this.misfits.add(misfit);
      else excuse.used = true;
    }
    return value;
  }

  // Every method below a property of `Client`, by its path.
  declared(root) {
    const found = [];
    this.#walk(root, this.declarations.member(this.declarations.client, root), found);
    return found;
  }

  // The reasons of exceptions that excused nothing.
  get idle() {
    return this.exceptions.filter((exception) => !exception.used).map(({ pattern }) => String(pattern));
  }

  // `reach` finds the library's own object anew, `owner` that of which it is a method: some libraries' proxies can be
  // called only once.
  #follow(path, type, reach, owner = () => undefined) {
    const step = (name) => {
      if (name === SELECT) {
        const [inner] = this.declarations.results(this.declarations.member(type, SELECT));
        return (chosen) => this.#follow(`${path}.${SELECT}`, inner, () => reach()[SELECT](chosen));
      }
      return this.#follow(`${path}.${name}`, this.declarations.member(type, name), () => reach()[name], reach);
    };
    return new Proxy(() => {}, {
      get: (_, name) => (typeof name === "symbol" || name === "then" ? undefined : step(name)),
      apply: (_, __, given) => this.#answer(path, type, Reflect.apply(reach(), owner(), given)),
    });
  }

  #answer(path, type, answer) {
    this.tried.add(path);
    const types = this.declarations.results(type).map((result) => this.declarations.awaited(result));
    if (typeof answer?.then !== "function") return answer;
    const held = (value) => this.hold(path, value, ...types);
    const named = (error) => {
      error.message = `${path}: ${error.message}${error.cause ? ` (${error.cause})` : ""}`;
      throw error;
    };
    if (typeof answer.setDirection !== "function") return answer.then(held, named);
    const pages = async function* () {
      for await (const page of answer) yield held(page);
    };
    return {
      then: (done, failed) => Promise.resolve(answer).then(held, named).then(done, failed),
      setDirection: (direction) => this.#answer(path, type, answer.setDirection(direction)),
      [Symbol.asyncIterator]: pages,
    };
  }

  #walk(path, type, found) {
    for (const name of this.declarations.members(type)) {
      if (this.inward.has(name) || name.startsWith("__@") || name in Function.prototype) continue;
      const inner = this.declarations.member(type, name);
      if (name === SELECT) this.#walk(`${path}.${SELECT}`, this.declarations.results(inner)[0], found);
      else {
        if (this.declarations.isFunction(inner)) found.push(`${path}.${name}`);
        this.#walk(`${path}.${name}`, inner, found);
      }
    }
  }
}
