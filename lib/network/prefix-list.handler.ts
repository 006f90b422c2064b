import { DescribeManagedPrefixListsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { type CustomResourceEvent, respond } from '../custom-resource/respond';

/** As AWS names it: `com.amazonaws.us-east-1.s3`. */
export interface PrefixListProperties {
  readonly ListName: string;
}

/** Finds the id of a list of addresses that AWS manages, which is another one in each region. */
export async function handler(event: CustomResourceEvent<PrefixListProperties>): Promise<void> {
  await respond(event, async () => {
    const { ListName } = event.ResourceProperties;
    const found = { physicalId: ListName };
    return event.RequestType === 'Delete' ? found : { ...found, data: { Id: await idOf(ListName) } };
  });
}

async function idOf(name: string): Promise<string> {
  const { PrefixLists = [] } = await new EC2Client().send(
    new DescribeManagedPrefixListsCommand({ Filters: [{ Name: 'prefix-list-name', Values: [name] }] }),
  );
  const id = PrefixLists[0]?.PrefixListId;
  if (!id) throw new Error(`AWS has no prefix list named ${name} in this region`);
  return id;
}
