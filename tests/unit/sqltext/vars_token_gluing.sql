SELECT a:n, 1:n, $:n, 'a':n'b', e:quoted, -:dash
-1;-:n-:n;