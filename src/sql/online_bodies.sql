-- The bodies of a run's two functions. $1 log, $2 its key columns, $3 and $4 the key of OLD and NEW,
-- $5 private router, $6 the old partitions, $7 columns, $8 key condition between t and a line, $9 the values of the columns.
--
-- Capture notes the key alone; which state a row is in is read when the log is drained. record_image_ne()
-- compares bytes and needs no operator of the type.
--
-- Draining takes lines out of the log, and brings each of their keys to the state that the partition has
-- now. The rows are read at the time of the lines or after them: a change that comes later left a line that is
-- not among these. First all of the keys are deleted, so that a value of another unique index can go from one of
-- them to another in any order. Key by key, because that is one probe of an index, whatever the statistics
-- say. Variables are named so that no column is.
SELECT format($capture$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO %1$s (%2$s) VALUES (%3$s);
    END IF;
    IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND record_image_ne(ROW(%3$s), ROW(%4$s)) THEN
        INSERT INTO %1$s (%2$s) VALUES (%4$s);
    END IF;
    RETURN NULL;
END
$capture$, $1::text, $2::text, $3::text, $4::text) AS capture,
       format($drain$
DECLARE
    partdemo_keys %1$s[];
    partdemo_line %1$s;
    partdemo_lines bigint;
BEGIN
    WITH gone AS (
        DELETE FROM %1$s AS l WHERE seq = ANY (ARRAY(SELECT seq FROM %1$s ORDER BY seq LIMIT partdemo_most))
        RETURNING l AS line, %2$s
    ), one AS (
        SELECT DISTINCT ON (%2$s) line FROM gone
    )
    SELECT array_agg(line), (SELECT count(*) FROM gone) INTO partdemo_keys, partdemo_lines FROM one;
    IF partdemo_lines > 0 THEN
        FOREACH partdemo_line IN ARRAY partdemo_keys LOOP
            DELETE FROM %5$s AS t WHERE %8$s;
        END LOOP;
        FOREACH partdemo_line IN ARRAY partdemo_keys LOOP
            INSERT INTO %5$s (%7$s) SELECT %9$s FROM %6$s AS t WHERE %8$s;
        END LOOP;
    END IF;
    RETURN partdemo_lines;
END
$drain$, $1, $2, $3, $4, $5::text, $6::text, $7::text, $8::text, $9::text) AS drain;
