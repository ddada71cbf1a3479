SELECT :quoted'b', :quoted:quoted, 'a':quoted, E:quoted, :quoted
'c;';SELECT 2;