// The words of upstreams that several files of the schema share.
import { builder } from './builder.ts';

/** How a secret is presented to the vendor. */
export const UpstreamAuth = builder.enumType('UpstreamAuth', {
  description: 'How a secret is presented to the vendor.',
  values: { BEARER: { description: '"Authorization: Bearer …".' }, X_API_KEY: { description: 'The header x-api-key.' }, X_GOOG_API_KEY: { description: 'The header x-goog-api-key.' }, API_KEY: { description: 'The header api-key.' }, QUERY_KEY: { description: 'The parameter "key" of the address.' }, SIGV4: { description: 'AWS signatures; the secret is "access key id:secret access key[:session token]".' }, SERVICE_ACCOUNT: { description: 'A Google service account; the secret is its JSON file.' }, NONE: { description: 'Nothing is presented.' } },
});

/** How addresses are made where a vendor's differ from its wire format's own. */
export const Addressing = builder.enumType('Addressing', {
  description: 'How addresses are made where a vendor\'s differ from its wire format\'s own.',
  values: {
    AZURE_OPENAI: { description: 'Deployments of Azure OpenAI; the address is https://{resource}.openai.azure.com. The paths are those of v1, unless the header api-version is given with a date: then those of that version.' },
    BEDROCK: { description: 'Models of Amazon Bedrock; the address is https://bedrock-runtime.{region}.amazonaws.com.' },
    UNVERSIONED: { description: 'Paths have no version: /chat/completions instead of /v1/chat/completions.' },
    VERTEX: { description: 'Models of Google Vertex AI; the address is https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}.' },
  } as const,
});

/** What a client that leaves is charged. */
export const AbortPolicy = builder.enumType('AbortPolicy', {
  description: 'What a client that leaves is charged.',
  values: { ESTIMATED: { description: 'What is known plus an estimate of the rest.' }, REPORTED: { description: 'Only what the upstream had reported.' } } as const,
});
