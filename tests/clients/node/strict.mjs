// What a client library's types promise, held against what really comes: JavaScript itself takes whatever a server sends.
//
// The library's own declarations are read with the TypeScript compiler; the type of an answer is found by walking the
// same path the call took, so that nothing has to be written down twice.

import ts from "typescript";

const MAX_FAULTS = 20;

// How far inside of a value its first fault is: the option of a union that got furthest is the one that was meant.
const depthOf = ([fault]) => fault.split(" ", 1)[0].length;

export class Declarations {
  // `source` is a module that exports the type named `Client`.
  constructor(source) {
    const name = new URL("./declared.ts", import.meta.url).pathname;
    const options = {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      skipLibCheck: true,
      types: [],
    };
    const host = ts.createCompilerHost(options);
    const fromDisk = host.getSourceFile;
    host.getSourceFile = (file, ...rest) =>
      file === name ? ts.createSourceFile(file, source, options.target, true) : fromDisk.call(host, file, ...rest);
    host.fileExists = (file) => file === name || ts.sys.fileExists(file);
    this.program = ts.createProgram([name], options, host);
    this.checker = this.program.getTypeChecker();
    const module = this.checker.getSymbolAtLocation(this.program.getSourceFile(name));
    const symbol = this.checker.getExportsOfModule(module).find((item) => item.name === "Client");
    this.client = this.checker.getDeclaredTypeOfSymbol(symbol);
    this.place = this.program.getSourceFile(name);
  }

  // The type behind a property of a type.
  member(type, name) {
    const symbol = this.checker.getPropertyOfType(type, name);
    if (symbol === undefined) throw new Error(`the library declares no ${name}`);
    return this.checker.getTypeOfSymbolAtLocation(symbol, this.place);
  }

  // What calling a function type gives: one type for each way to call it.
  results(type) {
    const signatures = type.getCallSignatures();
    if (signatures.length === 0) throw new Error("the library declares it as no function");
    return signatures.map((signature) => this.checker.getReturnTypeOfSignature(signature));
  }

  // What is inside of a promise or a paginator.
  awaited(type) {
    const [inner] = this.checker.getTypeArguments(type);
    return inner ?? this.checker.getAwaitedType(type) ?? type;
  }

  isFunction(type) {
    return type.getCallSignatures().length > 0;
  }

  members(type) {
    return this.checker.getPropertiesOfType(type).map((symbol) => symbol.name);
  }

  // Every way in which `value` is not what `type` says.
  faults(value, type, path = "") {
    const found = [];
    this.#hold(value, type, path, found, 0);
    return found.slice(0, MAX_FAULTS);
  }

  #hold(value, type, path, found, depth) {
    if (found.length >= MAX_FAULTS || depth > 12) return;
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Void)) return;
    if (type.isUnion()) {
      const attempts = type.types.map((option) => {
        const inner = [];
        this.#hold(value, option, path, inner, depth);
        return inner;
      });
      if (attempts.some((inner) => inner.length === 0)) return;
      const deepest = attempts.reduce((best, inner) => (depthOf(inner) > depthOf(best) ? inner : best));
      found.push(...deepest);
      return;
    }
    if (type.isIntersection()) {
      for (const part of type.types) this.#hold(value, part, path, found, depth);
      return;
    }
    const wrong = this.#primitiveFault(value, type);
    if (wrong !== undefined) {
      if (wrong) found.push(`${path} is ${JSON.stringify(value)?.slice(0, 80)}, not ${this.checker.typeToString(type)}`);
      return;
    }
    if (this.checker.isArrayType(type)) {
      if (!Array.isArray(value)) found.push(`${path} is no list`);
      else value.forEach((item, index) => this.#hold(item, this.awaited(type), `${path}[${index}]`, found, depth + 1));
      return;
    }
    if (type.getCallSignatures().length > 0) return;
    if (value === null || typeof value !== "object") {
      found.push(`${path} is ${JSON.stringify(value)}, not ${this.checker.typeToString(type)}`);
      return;
    }
    this.#holdMembers(value, type, path, found, depth);
  }

  // Whether a primitive type is missed; nothing when the type is none.
  #primitiveFault(value, type) {
    const { flags } = type;
    if (flags & ts.TypeFlags.StringLiteral || flags & ts.TypeFlags.NumberLiteral) return value !== type.value;
    if (flags & ts.TypeFlags.BooleanLiteral) return String(value) !== this.checker.typeToString(type);
    if (flags & ts.TypeFlags.String || flags & ts.TypeFlags.TemplateLiteral) return typeof value !== "string";
    if (flags & ts.TypeFlags.Number) return typeof value !== "number";
    if (flags & ts.TypeFlags.Boolean) return typeof value !== "boolean";
    if (flags & ts.TypeFlags.Null) return value !== null;
    if (flags & ts.TypeFlags.Undefined) return value !== undefined;
    if (flags & ts.TypeFlags.Never) return true;
    return undefined;
  }

  #holdMembers(value, type, path, found, depth) {
    for (const symbol of this.checker.getPropertiesOfType(type)) {
      const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      const inner = value[symbol.name];
      if (inner === undefined || (optional && inner === null)) {
        const declared = this.checker.getTypeOfSymbolAtLocation(symbol, this.place);
        const allowed = optional || this.checker.isTypeAssignableTo(this.checker.getUndefinedType(), declared);
        if (!allowed && !this.isFunction(declared)) found.push(`${path}.${symbol.name} is missing`);
        continue;
      }
      this.#hold(inner, this.checker.getTypeOfSymbolAtLocation(symbol, this.place), `${path}.${symbol.name}`, found, depth + 1);
    }
    const index = this.checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index === undefined) return;
    for (const [key, inner] of Object.entries(value)) this.#hold(inner, index.type, `${path}.${key}`, found, depth + 1);
  }
}
