import { expect, test } from 'vitest';
import { maskSecrets } from './redact.ts';

test.each([
  ['at https://u.example/v1?alt=sse&key=AbC-1.2_3 now', 'at https://u.example/v1?alt=sse&key=… now'],
  ['token ya29.c0AbC-1_2.3xyz.', 'token ya29.…'],
  ['{"private_key":"-----BEGIN PRIVATE KEY-----\\nMIIEvQ+/ab=\\n-----END PRIVATE KEY-----\\n"}', '{"private_key":"-----BEGIN PRIVATE KEY-----…-----END PRIVATE KEY-----\\n"}'],
  ['Bearer abc.def-123456', 'Bearer …'],
  ['nothing of that kind, monkey=1', 'nothing of that kind, monkey=1'],
])('a log shows %j as %j', (text, shown) => {
  expect(maskSecrets(text)).toBe(shown);
});
