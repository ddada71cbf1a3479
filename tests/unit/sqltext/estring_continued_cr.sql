SELECT E'a\''  '\'; x' ;
SELECT E'a' -- it's 'b\';' ;