/** Bearer tokens: 256 random bits that are shown once and kept as SHA-256 only. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { nowNs } from './database.ts';

/** Who may do what: each role may do what those before it may. */
export const roles = ['read', 'operate', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Whether somebody with the role `has` may do what needs `needed`. */
export function mayAct(has: Role, needed: Role): boolean {
  return roles.indexOf(has) >= roles.indexOf(needed);
}

/** What is known of a token; never the token itself. */
export interface Token {
  /** The part of it that may be shown. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** ns since 1970 UTC. */
  readonly created: bigint;
  /** Undefined: never. */
  readonly expires: bigint | undefined;
  readonly revoked: boolean;
}

interface Row { readonly id: string; readonly name: string; readonly role: Role; readonly hash: Uint8Array; readonly created_ns: string; readonly expires_ns: string; readonly revoked_ns: string }

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const shape = /^rw_([0-9a-f]{12})_([\w-]{43})$/;
/** What an unknown id is compared with, so that it takes as long as a known one. */
const nobody = Buffer.alloc(32);

export class Tokens {
  private readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** A new token; its text is given here and never again. Throws where the name is taken. */
  create(name: string, role: Role, expires?: bigint): { readonly token: Token; readonly secret: string } {
    const id = randomBytes(ID_BYTES).toString('hex');
    const secret = `rw_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
    if (this.list().some((token) => token.name === name)) throw new Error(`there is a token "${name}" already: revoke takes it back, another name keeps both`);
    this.database.prepare("DELETE FROM tokens WHERE name = ? AND revoked_ns != ''").run(name);
    this.database.prepare('INSERT INTO tokens (id, name, role, hash, created_ns, expires_ns) VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, name, role, hashed(secret), String(nowNs()), expires === undefined ? '' : String(expires));
    return { token: this.list().find((token) => token.id === id)!, secret };
  }

  /** Those that were not revoked, in order of their names. */
  list(): Token[] {
    return (this.database.prepare("SELECT * FROM tokens WHERE revoked_ns = '' ORDER BY name").all() as unknown as Row[]).map(tokenOf);
  }

  /** By name or id; whether there was one. */
  revoke(name: string): boolean {
    return this.database.prepare("UPDATE tokens SET revoked_ns = ? WHERE (name = ? OR id = ?) AND revoked_ns = ''").run(String(nowNs()), name, name).changes > 0;
  }

  /** Whose token this is; undefined for one that is wrong, revoked or has expired. */
  verify(secret: string): Token | undefined {
    const id = shape.exec(secret)?.[1] ?? '';
    const row = this.database.prepare('SELECT * FROM tokens WHERE id = ?').get(id) as unknown as Row | undefined;
    const right = timingSafeEqual(hashed(secret), row === undefined ? nobody : row.hash);
    if (row === undefined || !right) return undefined;
    const token = tokenOf(row);
    return token.revoked || (token.expires !== undefined && token.expires <= nowNs()) ? undefined : token;
  }

  /** Whether anybody needs a token at all. */
  any(): boolean {
    return this.database.prepare("SELECT 1 FROM tokens WHERE revoked_ns = '' LIMIT 1").get() !== undefined;
  }
}

/** 256 random bits cannot be guessed, so no slow hash is needed. */
function hashed(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function tokenOf(row: Row): Token {
  return {
    id: row.id, name: row.name, role: row.role, created: BigInt(row.created_ns),
    expires: row.expires_ns === '' ? undefined : BigInt(row.expires_ns), revoked: row.revoked_ns !== '',
  };
}
