import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { sessionCookie } from '../../shared/http/identity';
import { ABSOLUTE_MS } from './session-touch';

const DEVICE_DAYS = 180;

/** The maximum life of a session; the server may end it earlier. */
export function setSessionCookie(c: Context, token: string): void {
  const { name, secure } = sessionCookie(c);
  setCookie(c, name, token, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: 'Lax',
    maxAge: ABSOLUTE_MS / 1000,
  });
}

/** The session token of a browser; undefined for a client that sends it in a header. */
export const cookieToken = (c: Context): string | undefined =>
  c.req.header('authorization') === undefined ? getCookie(c, sessionCookie(c).name) : undefined;

export function clearSessionCookie(c: Context): void {
  const { name, secure } = sessionCookie(c);
  setCookie(c, name, '', { path: '/', httpOnly: true, secure, sameSite: 'Lax', maxAge: 0 });
}

export function readDeviceCookie(c: Context): string | undefined {
  return getCookie(c, deviceCookieName(c).name);
}

/** Only the log-in reads it. It deliberately survives logging out. */
export function setDeviceCookie(c: Context, value: string): void {
  const { name, secure } = deviceCookieName(c);
  setCookie(c, name, value, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: 'Strict',
    maxAge: DEVICE_DAYS * 86_400,
  });
}

function deviceCookieName(c: Context): { name: string; secure: boolean } {
  const { secure } = sessionCookie(c);
  return { name: secure ? '__Host-device' : 'device', secure };
}
