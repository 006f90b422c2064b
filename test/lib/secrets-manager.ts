import { randomUUID } from 'node:crypto';
import { AwsServer, type Call, lambdaEnvironment } from './aws';

interface Version {
  readonly text: string;
  readonly stages: Set<string>;
}

/** Secrets by id, over the protocol of Secrets Manager: as much of it as a reader and a rotation use. */
export class SecretsManager {
  private readonly secrets = new Map<string, Map<string, Version>>();
  /** Answers every call with an error. */
  down = false;
  private constructor(private server?: AwsServer) {}

  /** Started, and where every client of this process finds it. */
  static async start(): Promise<SecretsManager> {
    const secrets = new SecretsManager();
    secrets.server = await AwsServer.start((call) => secrets.answer(call));
    lambdaEnvironment({ AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.server.url });
    return secrets;
  }

  get calls(): readonly string[] {
    return this.server?.calls.map(({ action }) => action) ?? [];
  }

  /** The next call of the action is denied. */
  denyOnce(action: string): void {
    this.server?.denials.set(action, ['AccessDeniedException']);
  }

  /** Makes another version current, as a rotation elsewhere does. Returns its id. */
  set(id: string, content: object): string {
    const version = randomUUID();
    for (const { stages } of this.versions(id).values()) stages.delete('AWSCURRENT');
    this.versions(id).set(version, { text: JSON.stringify(content), stages: new Set(['AWSCURRENT']) });
    return version;
  }

  /** Adds a pending version without content, as `RotateSecret` does first. */
  startRotation(id: string): string {
    const version = randomUUID();
    for (const { stages } of this.versions(id).values()) stages.delete('AWSPENDING');
    this.versions(id).set(version, { text: '', stages: new Set(['AWSPENDING']) });
    return version;
  }

  content(id: string, stage = 'AWSCURRENT'): Record<string, string> {
    return JSON.parse(this.find(id, stage)?.[1].text || '{}');
  }

  private versions(id: string): Map<string, Version> {
    return this.secrets.get(id) ?? this.secrets.set(id, new Map()).get(id) ?? new Map();
  }

  private find(id: string, stage: string): [string, Version] | undefined {
    return [...this.versions(id)].find(([, { stages }]) => stages.has(stage));
  }

  private answer({ action, values }: Call): { status?: number; body: string } {
    if (this.down) return error('InternalServiceError', 500);
    const id = String(values.SecretId);
    if (!this.secrets.has(id)) return error('ResourceNotFoundException');
    if (action === 'GetSecretValue')
      return this.get(id, values.VersionStage ?? 'AWSCURRENT', values.VersionId);
    if (action === 'DescribeSecret') return ok({ VersionIdsToStages: this.stages(id) });
    if (action === 'PutSecretValue') {
      const stages = new Set(['AWSPENDING']);
      this.versions(id).set(String(values.ClientRequestToken), { text: String(values.SecretString), stages });
      return ok({});
    }
    if (action === 'UpdateSecretVersionStage') {
      this.versions(id).get(String(values.RemoveFromVersionId))?.stages.delete('AWSCURRENT');
      this.versions(id).get(String(values.MoveToVersionId))?.stages.add('AWSCURRENT').delete('AWSPENDING');
      return ok({});
    }
    return error('InvalidRequestException');
  }

  private get(id: string, stage: string, version?: string) {
    const found = this.find(id, stage);
    if (!found?.[1].text || (version && found[0] !== version)) return error('ResourceNotFoundException');
    return ok({ SecretString: found[1].text, VersionId: found[0] });
  }

  private stages(id: string) {
    return Object.fromEntries([...this.versions(id)].map(([version, { stages }]) => [version, [...stages]]));
  }
}

const ok = (content: object) => ({ body: JSON.stringify(content) });
const error = (code: string, status = 400) => ({
  status,
  body: JSON.stringify({ __type: code, message: `${code} for a test` }),
});
