SELECT :n, :name.x, x:n, :nope, :n:n, :n::int, :n.:name, :1, :ünï;
SELECT * FROM :name WHERE a=:n;