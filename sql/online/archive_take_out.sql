-- Take the copies out of the archive, and forget how far they came
DELETE FROM :archive AS t USING (SELECT :key FROM ONLY :source) AS k (:key_log) WHERE :key_match;

UPDATE partdemo.runs SET phase = 'detached', cursor = NULL, copied = 0 WHERE id = :run;
