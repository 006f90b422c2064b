import { startFauxqs } from '../support/fauxqs';

let endpoint = '';

/** A bucket of a local server that speaks S3 (and does not check signatures). */
export class Bucket {
  constructor(private readonly name: 'deployments' | 'assets') {}

  static async start(): Promise<void> {
    endpoint = (await startFauxqs()).url;
    for (const name of ['deployments', 'assets']) await fetch(`${endpoint}/${name}`, { method: 'PUT' });
  }

  /**
   * The body of a stand-in for `aws` that calls the real one against this server (older ones read no variable for it).
   */
  static cli(): string {
    return `PATH=\${PATH#*:} exec aws --endpoint-url ${endpoint} "$@"`;
  }

  /**
   * The same for `aws s3 cp`, the one call that the scripts make, in curl: the real one takes most of a second to
   * start. A test of each script uses the real one.
   */
  static quickCli(): string {
    return `
[[ "$1 $2 $3" == 's3 cp --quiet' ]] || exit 252
shift 3
[[ $1 == --content-type ]] && shift 2
url() { echo "${endpoint}/\${1#s3://}"; }
case $1 in
  s3://*) exec curl --silent --fail --output "$2" "$(url "$1")" ;;
  *) exec curl --silent --fail --header Expect: --output /dev/null --upload-file "$1" "$(url "$2")" ;;
esac`;
  }

  async put(key: string, body: string | Buffer): Promise<void> {
    await this.request('PUT', key, new Uint8Array(Buffer.from(body)));
  }

  async get(key: string): Promise<string> {
    return (await this.request('GET', key)).text();
  }

  async delete(key: string): Promise<void> {
    await this.request('DELETE', key);
  }

  async empty(): Promise<void> {
    const listed = await (await this.request('GET', '?list-type=2')).text();
    await Promise.all([...listed.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => this.delete(key)));
  }

  private async request(method: string, path: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> {
    const response = await fetch(`${endpoint}/${this.name}/${path}`, { method, body });
    if (!response.ok) throw new Error(`${method} ${this.name}/${path}: ${response.status}`);
    return response;
  }
}
