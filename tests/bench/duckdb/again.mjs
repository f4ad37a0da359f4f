// again.mjs: how fast DuckDB finds out that nothing changed: the files of AGAIN against tables made of those of FIRST.
//
//   node again.mjs FIRST AGAIN
//
// An anti-join over all columns for each file, two threads, the files read from CSV inside the time. Prints the rows that were
// compared, milliseconds, and the version. Exit status 1 when a row was not found.
import { DuckDBInstance } from "@duckdb/node-api";

const files = ["accounts", "contacts", "contracts", "invoices", "usage", "interactions", "tickets"];
const [first, again] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();
const one = async (sql) => (await connection.runAndReadAll(sql)).getRows()[0][0];
const read = (folder, file) => `read_csv('${folder}/${file}.csv', header = true, all_varchar = true, nullstr = '\\\\N')`;

for (const file of files) await connection.run(`CREATE TABLE "${file}" AS FROM ${read(first, file)}`);
let rows = 0n, others = 0n;
const begun = process.hrtime.bigint();
for (const file of files) {
  const columns = (await connection.runAndReadAll(`DESCRIBE "${file}"`)).getRows().map((row) => `"${row[0]}"`);
  others += BigInt(await one(`SELECT count(*) FROM ${read(again, file)} a ANTI JOIN "${file}" t USING (${columns.join(", ")})`));
}
const took = Number(process.hrtime.bigint() - begun) / 1e6;
for (const file of files) rows += BigInt(await one(`SELECT count(*) FROM "${file}"`));
console.log(`${rows} ${took.toFixed(0)} ${await one("SELECT version()")}`);
process.exit(others === 0n ? 0 : 1);
