/** The mirror's tables and statements. The only file, with postgres-database.ts, that knows SQL of PostgreSQL. */

/** Applied in order, each once; a database made by an older build is brought up to date. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE orrery_weather (
     number bigserial PRIMARY KEY,
     cluster text NOT NULL,
     key text NOT NULL,
     version bigint NOT NULL,
     slug text NOT NULL,
     city text NOT NULL,
     region text NOT NULL,
     country text NOT NULL,
     latitude double precision NOT NULL,
     longitude double precision NOT NULL,
     temperature_c double precision NOT NULL,
     weather_code integer,
     observed_at timestamptz NOT NULL,
     source text NOT NULL,
     stored_at timestamptz NOT NULL,
     UNIQUE (cluster, key, version)
   )`,
  'CREATE INDEX orrery_weather_history ON orrery_weather (cluster, slug, observed_at)',
  `CREATE TABLE orrery_weather_watermark (
     cluster text PRIMARY KEY,
     stored_at timestamptz NOT NULL,
     mirrored bigint NOT NULL
   )`,
];

export const CREATE_VERSIONS = `CREATE TABLE IF NOT EXISTS orrery_schema (
  version integer PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;
export const READ_VERSION = 'SELECT coalesce(max(version), 0)::int AS version FROM orrery_schema';
export const WRITE_VERSION = 'INSERT INTO orrery_schema (version) VALUES ($1)';
/** Held to the end of a transaction: two panels on one database migrate, and mirror, one after the other. */
export const LOCK = 'SELECT pg_advisory_xact_lock(730411, $1)';
export const LOCK_SCHEMA = 1;
export const LOCK_MIRROR = 2;

export const READ_WATERMARK =
  'SELECT stored_at, mirrored::int AS mirrored FROM orrery_weather_watermark WHERE cluster = $1';

/** One statement for many rows, in the order of the arrays; a version that is there is left as it is. */
export const INSERT_RECORDS = `
  INSERT INTO orrery_weather (cluster, key, version, slug, city, region, country, latitude, longitude,
                              temperature_c, weather_code, observed_at, source, stored_at)
  SELECT $1, r.key, r.version, r.slug, r.city, r.region, r.country, r.latitude, r.longitude,
         r.temperature_c, r.weather_code, r.observed_at, r.source, r.stored_at
  FROM ROWS FROM (unnest($2::text[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]),
                  unnest($6::text[]), unnest($7::text[]), unnest($8::float8[]), unnest($9::float8[]),
                  unnest($10::float8[]), unnest($11::int[]), unnest($12::timestamptz[]), unnest($13::text[]),
                  unnest($14::timestamptz[])) WITH ORDINALITY
       AS r (key, version, slug, city, region, country, latitude, longitude,
             temperature_c, weather_code, observed_at, source, stored_at, position)
  ORDER BY r.position
  ON CONFLICT (cluster, key, version) DO NOTHING`;

export const WRITE_WATERMARK = `
  INSERT INTO orrery_weather_watermark (cluster, stored_at, mirrored) VALUES ($1, $2, $3)
  ON CONFLICT (cluster) DO UPDATE
  SET stored_at = greatest(orrery_weather_watermark.stored_at, excluded.stored_at),
      mirrored = orrery_weather_watermark.mirrored + excluded.mirrored
  RETURNING mirrored::int AS mirrored`;

/** The newest version of each record of a city. */
export const READ_HISTORY = `
  SELECT * FROM (
    SELECT DISTINCT ON (key) key, version::int AS version, observed_at, temperature_c, source
    FROM orrery_weather WHERE cluster = $1 AND slug = $2 ORDER BY key, version DESC
  ) AS newest ORDER BY observed_at DESC LIMIT $3`;
