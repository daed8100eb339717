// Pure. Words that at least one of SQLite, PostgreSQL, MySQL or MariaDB refuses as an unquoted table or column name.

const RESERVED = `
  accessible add all alter analyse analyze and any array as asc asymmetric authorization before between bigint binary
  blob both by call cascade case cast change char character check collate column condition constraint continue
  convert create cross cube cursor current_date current_time current_timestamp current_user database databases dec
  decimal declare default deferrable delayed delete desc describe distinct distinctrow div do double drop dual each
  else elseif empty enclosed end escaped except exists exit explain false fetch float for force foreign freeze from
  full fulltext function generated get glob grant group grouping groups having if ignore ilike in index infile inner
  inout insert int integer intersect interval into is isnull iterate join key keys kill lateral leading leave left
  like limit linear lines load localtime localtimestamp lock long loop low_priority match maxvalue minus mod modifies
  natural no not notnull null numeric of offset on only optimize option optionally or order out outer outfile over
  overlaps page_checksum partition placing precision primary procedure purge range rank read reads real recursive
  references regexp release rename repeat replace require resignal restrict return returning revoke right rlike row
  row_number rows schema schemas select sensitive separator session_user set show signal similar smallint some
  spatial specific sql ssl starting stored symmetric system table tables terminated then tinyint to trailing
  transaction trigger true undo union unique unlock unsigned update usage use user using values varbinary varchar
  variadic varying verbose virtual when where while window with write xor zerofill
`.trim().split(/\s+/);

const reserved: ReadonlySet<string> = new Set(RESERVED);

/** The name of a table or column for a model or field: snake_case, with `_` behind it when SQL reserves the word. */
export function sqlName(name: string): string {
  const snake = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
  return reserved.has(snake) ? `${snake}_` : snake;
}
