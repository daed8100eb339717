export function diffMysql(_from: string, _to: string): string {
  return '';
}
