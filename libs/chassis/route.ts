// The words a controller uses to say who may come in and what it takes. A route that names neither a permission nor
// `Open` stops the start of the service: forgetting is not a way to publish something.
import { createParamDecorator, SetMetadata } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Refused } from '#kernel/decider';
import { commandHeader, revisionHeader } from '#contracts/api';
import { permissions } from '#contracts/roles';
import type { AskMeta } from './ask';
import { isUuid } from './ids';
import { parsed } from './input';
import type { Person } from './person';

export const permissionKey = 'sanfang:permission';
export const openKey = 'sanfang:open';

export type PersonRequest = FastifyRequest & { person?: Person };

/** Only roles with this permission (libs/contracts/roles.ts) may call the route. */
export const May = (permission: string) => SetMetadata(permissionKey, permission);
/** Anybody may call the route. */
export const Open = () => SetMetadata(openKey, true);

/** The signed-in person. */
export const Who = createParamDecorator((_: unknown, context: ExecutionContext) => personOf(requestOf(context)));

/** `AskMeta` of the request: who, the command's id, and the revision that the person looked at. */
export const Meta = createParamDecorator((_: unknown, context: ExecutionContext) => metaOf(requestOf(context)));

/** The JSON body, parsed; refused as `input.fields`. */
export const Input = (schema: z.ZodType) =>
  createParamDecorator((_: unknown, context: ExecutionContext) => parsed(schema, requestOf(context).body))();

/** The query string, parsed; refused as `input.fields`. */
export const InputQuery = (schema: z.ZodType) =>
  createParamDecorator((_: unknown, context: ExecutionContext) => parsed(schema, requestOf(context).query))();

/** An id in the path; anything that cannot be an id names nothing we have. */
export const InputParam = (name: string) =>
  createParamDecorator((_: unknown, context: ExecutionContext) => {
    const value = (requestOf(context).params as Record<string, string | undefined>)[name];
    if (value === undefined || !/^[A-Za-z0-9-]{1,64}$/.test(value)) throw new Refused('path.none');
    return value;
  })();

export function personOf(request: PersonRequest): Person {
  if (!request.person) throw new Refused('session.none');
  return request.person;
}

export function metaOf(request: PersonRequest): AskMeta {
  const commandId = request.headers[commandHeader];
  if (typeof commandId !== 'string' || !isUuid(commandId)) throw new Refused('input.command');
  const revision = request.headers[revisionHeader];
  if (revision === undefined) return { who: personOf(request), commandId: commandId.toLowerCase() };
  if (typeof revision !== 'string' || !/^(-1|\d{1,15})$/.test(revision)) throw new Refused('input.command');
  return { who: personOf(request), commandId: commandId.toLowerCase(), expectedRevision: Number(revision) };
}

/** @throws Error that lists every route without a permission or `Open`, and every permission nobody has. */
export function demandGuarded(controllers: readonly Type[]): void {
  const faults = controllers.flatMap((controller) =>
    methodsOf(controller).flatMap(([name, method]) => {
      const permission = marked<string>(permissionKey, method, controller);
      if (permission !== undefined) return permission in permissions ? [] : [`${name}: no role has ${permission}`];
      return marked(openKey, method, controller) ? [] : [`${name}: add @May('…') or @Open()`];
    }),
  );
  if (faults.length > 0) throw new Error(`routes that anybody or nobody could call:\n  ${faults.join('\n  ')}`);
}

function methodsOf(controller: Type): [string, object][] {
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype)
    .map((name): [string, unknown] => [name, Object.getOwnPropertyDescriptor(prototype, name)?.value])
    .filter((pair): pair is [string, object] => typeof pair[1] === 'function' && isRoute(pair[1]))
    .map(([name, method]) => [`${controller.name}.${name}`, method]);
}

function isRoute(method: object): boolean {
  return Reflect.hasMetadata(METHOD_METADATA, method);
}

function marked<Value>(key: string, method: object, controller: Type): Value | undefined {
  return (Reflect.getMetadata(key, method) ?? Reflect.getMetadata(key, controller)) as Value | undefined;
}

function requestOf(context: ExecutionContext): PersonRequest {
  return context.switchToHttp().getRequest<PersonRequest>();
}
