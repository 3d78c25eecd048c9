// Forms that many contracts share.
import { z } from 'zod';

export const civilDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
export const id = z.string().min(1).max(64);
export const words = (max: number) => z.string().min(1).max(max);
