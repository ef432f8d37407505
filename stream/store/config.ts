/** Settings of the store process: one schema that checks, types, describes and defaults them. */
import { isIP } from 'node:net';
import { z } from 'zod';

const MEBIBYTE = 1024 * 1024;

const limits = z.object({
  statementBytes: z.int().min(1024).default(4 * MEBIBYTE)
    .describe('longest statement, in bytes'),
  insertBytes: z.int().min(1024).default(512 * MEBIBYTE)
    .describe('longest insert body after decompression, in bytes'),
  resultRows: z.int().min(1).default(1_000_000)
    .describe('rows that one query of the reader may return'),
  resultBytes: z.int().min(1024).default(256 * MEBIBYTE)
    .describe('bytes (uncompressed, in memory) that one query of the reader may return'),
  memoryBytes: z.int().min(MEBIBYTE).default(2048 * MEBIBYTE)
    .describe('memory that one query may use, in bytes'),
  seconds: z.number().min(0.1).default(60)
    .describe('time that one query of the reader may run, and a paused client may keep us waiting'),
  concurrentQueries: z.int().min(1).max(64).default(4)
    .describe('queries of the reader that run at the same time'),
  queuedQueries: z.int().min(0).default(64)
    .describe('queries of the reader that wait for their turn before others are refused'),
});

/** All settings of the store; paths are absolute after `resolvePaths`. */
export const storeConfig = z.object({
  dataDir: z.string().min(1).describe('directory of the engine and its lock; made if missing'),
  spoolDir: z.string().min(1).optional()
    .describe('directory for insert bodies on their way into the engine (default: dataDir/spool)'),
  host: z.string().default('127.0.0.1').refine((host) => isIP(host) !== 0, {
    message: 'must be an IP address: the confined process cannot resolve names',
  }).describe('address to listen on'),
  port: z.int().min(0).max(65_535).default(0).describe('TCP port; 0 takes a free one'),
  writerToken: z.string().min(16).optional()
    .describe('password of the user `writer`; random if not given'),
  allowedHosts: z.array(z.string()).default([])
    .describe('Host header values taken besides loopback names and the listening address'),
  allowedOrigins: z.array(z.string()).default([])
    .describe('Origin header values taken besides the store itself'),
  requireConfinement: z.boolean().default(false)
    .describe('refuse to start where the kernel cannot confine files and network'),
  limits: limits.prefault({}),
});

/** Settings as a caller may give them. */
export type StoreOptions = z.input<typeof storeConfig>;
/** Settings after check, with all defaults filled in. */
export type StoreConfig = z.output<typeof storeConfig>;
/** Bounds on what one client may ask of the store. */
export type StoreLimits = StoreConfig['limits'];
