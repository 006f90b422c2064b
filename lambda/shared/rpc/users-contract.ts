import { z } from 'zod';
import type { Contract } from './contract';

/** The calls of the inventory service to the user service. */
export const usersContract = {
  service: 'users',
  methods: {
    /**
     * The user of a session. `from` is how recent the answer must be: `copies` may be half a minute old, `primary` knows
     * what was committed before, `record` is the primary past copies of sessions.
     */
    identify: {
      access: 'read',
      idempotent: true,
      deadlineMs: 1000,
      input: z.object({ token: z.string().max(200), from: z.enum(['copies', 'primary', 'record']) }),
      output: z.object({
        identity: z.object({ userId: z.string(), role: z.enum(['customer', 'staff']) }).optional(),
      }),
    },
    /** Names by user id; those of unknown users are left out. */
    names: {
      access: 'read',
      idempotent: true,
      deadlineMs: 1000,
      input: z.object({ userIds: z.array(z.string().max(36)).max(100) }),
      output: z.object({ names: z.record(z.string(), z.string()) }),
    },
    /** The OpenAPI document of the user service, as JSON: inventory answers for both. */
    document: {
      access: 'read',
      idempotent: true,
      deadlineMs: 3000,
      input: z.object({}),
      output: z.object({ document: z.string() }),
    },
  },
} as const satisfies Contract;
