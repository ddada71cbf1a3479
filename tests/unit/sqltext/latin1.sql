SELECT 'Zьrich;', дц;
SELECT $д$;$д$, :д;