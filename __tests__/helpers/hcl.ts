import type { Block } from "./synth";

/**
 * Reads the literal parts of a Terraform expression, so that a test can look inside a `jsonencode(…)`
 * or a list of rules. What is not literal stays text: `${aws_vpc.main.id}`.
 *
 * - `jsonencode(x)` is `x`, `concat([a], [b])` is `[a, b]`.
 * - `[for i, cidr in list : value]` is `[{ for: "i, cidr", in: "${list}", each: value }]`.
 */
export function readHcl(expression: string): Block {
  const text = /^\$\{(.*)\}$/s.exec(expression)?.[1] ?? expression;
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value as Block;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): unknown {
    const start = this.at;
    const literal = this.literal();
    if (literal !== undefined && this.atEndOfValue()) {
      return literal;
    }
    this.at = start;
    return `\${${this.raw((char) => char === ",").trim()}}`;
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) {
      throw new Error(`cannot read ${this.text.slice(this.at, this.at + 60)}`);
    }
  }

  private literal(): unknown {
    this.space();
    if (this.take("{")) return this.object();
    if (this.take("[")) return this.list();
    if (this.take("jsonencode(")) return this.call()[0];
    if (this.take("concat(")) return this.call().flat();
    if (this.text[this.at] === '"') return this.string();
    const word = /^(-?\d+(\.\d+)?|true|false|null)\b/.exec(this.text.slice(this.at))?.[0];
    if (word === undefined) return undefined;
    this.at += word.length;
    return JSON.parse(word);
  }

  private object(): unknown {
    const result: Record<string, unknown> = {};
    while (!this.take("}")) {
      this.space();
      const key =
        this.text[this.at] === '"' ? this.string() : this.raw((char) => char === "=" || char === ":").trim();
      if (!this.take("=")) this.take(":");
      result[key] = this.value();
      this.take(",");
    }
    return result;
  }

  private list(): unknown {
    if (this.take("for ")) return [this.comprehension()];
    const result: unknown[] = [];
    while (!this.take("]")) {
      result.push(this.value());
      this.take(",");
    }
    return result;
  }

  private comprehension(): unknown {
    const names = this.text.slice(this.at, this.text.indexOf(" in ", this.at));
    this.at += names.length + " in ".length;
    let conditions = 0;
    const source = this.raw((char) => {
      if (char === "?") conditions++;
      return char === ":" && conditions-- === 0;
    });
    this.take(":");
    const each = this.value();
    this.take("]");
    return { for: names, in: `\${${source.trim()}}`, each };
  }

  private call(): unknown[] {
    const result: unknown[] = [];
    while (!this.take(")")) {
      result.push(this.value());
      this.take(",");
    }
    return result;
  }

  private string(): string {
    const start = this.at++;
    while (this.text[this.at] !== '"') {
      if (this.text.startsWith("${", this.at)) {
        this.at += 2;
        this.raw(() => false);
      } else if (this.text[this.at] === "\\") {
        this.at++;
      }
      this.at++;
    }
    const quoted = this.text.slice(start, ++this.at);
    // A template may hold quotes of its own, which are no JSON.
    return quoted.includes("${") ? quoted.slice(1, -1) : JSON.parse(quoted);
  }

  /** Text up to the character that `stop` names or the bracket that closes what is around it. */
  private raw(stop: (char: string) => boolean): string {
    const start = this.at;
    let depth = 0;
    for (; this.at < this.text.length; this.at++) {
      const char = this.text.charAt(this.at);
      if (char === '"') {
        this.string();
        this.at--;
      } else if ("([{".includes(char)) {
        depth++;
      } else if (")]}".includes(char)) {
        if (depth-- === 0) break;
      } else if (depth === 0 && stop(char)) {
        break;
      }
    }
    return this.text.slice(start, this.at);
  }

  private atEndOfValue(): boolean {
    this.space();
    return this.at >= this.text.length || ",)]}".includes(this.text.charAt(this.at));
  }

  private take(expected: string): boolean {
    this.space();
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  private space(): void {
    while (/\s/.test(this.text.charAt(this.at))) this.at++;
  }
}
