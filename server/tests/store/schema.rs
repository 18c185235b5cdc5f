//! Both schemas have the same tables, columns, keys and indexes, and both folders the same migrations.

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::{AssertSqlSafe, Row, SqlitePool};

use super::{SqliteDir, postgres};

/// One line per column or index, in words that do not depend on the database.
type Schema = BTreeSet<String>;

fn column(table: &str, name: &str, kind: &str, nullable: bool, key: i64) -> String {
    // SQLite has no type for UUIDs.
    let kind = match kind.to_lowercase().as_str() {
        "bytea" | "uuid" => "blob".to_owned(),
        "bigint" => "integer".to_owned(),
        other => other.to_owned(),
    };
    format!("{table}.{name} {kind}{}, key part {key}", if nullable { " null" } else { "" })
}

async fn of_sqlite(pool: &SqlitePool) -> Schema {
    let tables = "select name from sqlite_master where type = 'table' and name not like '\\_sqlx%' escape '\\'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(pool).await.unwrap();
    let mut schema = Schema::new();
    for table in tables {
        let columns = format!("select name, type, \"notnull\", pk from pragma_table_info('{table}')");
        for row in sqlx::query(AssertSqlSafe(columns)).fetch_all(pool).await.unwrap() {
            let (name, kind): (String, String) = (row.get(0), row.get(1));
            schema.insert(column(&table, &name, &kind, row.get::<i64, _>(2) == 0, row.get(3)));
        }
        let indexes = format!(
            "select list.name, group_concat(info.name, ',') from pragma_index_list('{table}') list, \
             pragma_index_info(list.name) info where list.origin = 'c' group by list.name"
        );
        for row in sqlx::query(AssertSqlSafe(indexes)).fetch_all(pool).await.unwrap() {
            schema.insert(format!("index {}: {table} ({})", row.get::<String, _>(0), row.get::<String, _>(1)));
        }
    }
    schema
}

async fn of_postgres(pool: &sqlx::PgPool) -> Schema {
    let columns = "
        select c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'YES',
            coalesce(k.ordinal_position, 0)::bigint
        from information_schema.columns c
        left join information_schema.table_constraints t
            on t.table_schema = c.table_schema and t.table_name = c.table_name and t.constraint_type = 'PRIMARY KEY'
        left join information_schema.key_column_usage k
            on k.constraint_schema = t.constraint_schema and k.constraint_name = t.constraint_name
            and k.column_name = c.column_name
        where c.table_schema = 'public' and c.table_name not like '\\_sqlx%'";
    let columns = sqlx::query(columns).fetch_all(pool).await.unwrap();
    let columns = columns.iter().map(|row| {
        let (table, name, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        column(&table, &name, &kind, row.get(3), row.get(4))
    });
    let indexes = "
        select i.relname::text, t.relname::text, string_agg(a.attname::text, ',' order by p.ordinality)
        from pg_index x
        join pg_class i on i.oid = x.indexrelid
        join pg_class t on t.oid = x.indrelid and t.relnamespace = 'public'::regnamespace
        cross join unnest(x.indkey) with ordinality p (number, ordinality)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = p.number
        where not x.indisprimary and t.relname not like '\\_sqlx%'
        group by i.relname, t.relname";
    let indexes = sqlx::query(indexes).fetch_all(pool).await.unwrap();
    let indexes = indexes.iter().map(|row| {
        let (index, table, columns): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        format!("index {index}: {table} ({columns})")
    });
    columns.chain(indexes).collect()
}

fn differences(one: &Schema, other: &Schema) -> Vec<String> {
    one.symmetric_difference(other).cloned().collect()
}

#[tokio::test]
async fn both_databases_have_the_same_schema_and_a_difference_is_found() {
    let folder = SqliteDir::new();
    folder.open().await;
    let file = SqlitePool::connect(&format!("sqlite:{}", folder.0.join("crema.db").display())).await.unwrap();
    let Some(database) = postgres().await else { return };
    let expected = of_sqlite(&file).await;
    assert!(expected.len() > 30, "{expected:?}");
    assert_eq!(differences(&expected, &of_postgres(database.pool()).await), [""; 0]);

    for planted in [
        "alter table orders add column planted bigint",
        "alter table receipt alter column answer drop not null",
        "alter table pass alter column holder type bytea using null",
        "drop index receipt_by_age",
    ] {
        let before = of_postgres(database.pool()).await;
        sqlx::query(planted).execute(database.pool()).await.unwrap();
        let after = of_postgres(database.pool()).await;
        assert!(differences(&expected, &after).len() > differences(&expected, &before).len(), "{planted}");
    }
}

#[test]
fn both_folders_have_migrations_of_the_same_numbers_and_names() {
    let names = |folder: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/migrations").join(folder);
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
