/** The calls of RabbitMQ's management API that provisioning and tests need. */
export interface ManagementApi {
  overview(): Promise<{ rabbitmq_version: string }>;
  isReady(): Promise<boolean>;
  get<T>(path: string): Promise<T>;
  put(path: string, body?: unknown): Promise<void>;
  remove(path: string): Promise<void>;
}

/** `url` contains an administrator's user name and password. */
export function managementApi(url: string): ManagementApi {
  const parsed = new URL(url);
  const user = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  const authorization = `Basic ${Buffer.from(user).toString('base64')}`;
  parsed.username = '';
  parsed.password = '';

  async function request(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(new URL(`/api/${path}`, parsed), {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok && !(method === 'DELETE' && response.status === 404)) {
      throw new Error(`RabbitMQ answered ${String(response.status)} to ${method} ${path}`);
    }
    return response;
  }

  const get = async <T>(path: string) => (await (await request('GET', path)).json()) as T;
  return {
    get,
    overview: () => get('overview'),
    isReady: () =>
      get('health/checks/local-alarms').then(
        () => true,
        () => false,
      ),
    put: async (path, body = {}) => void (await request('PUT', path, body)),
    remove: async (path) => void (await request('DELETE', path)),
  };
}
