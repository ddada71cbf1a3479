SELECT 1+/* ; */2; SELECT 1--2 ;
; SELECT 1*/* x */2; SELECT 1@-- ;
2; SELECT 3 - -1, 4+-+5, a<@b, 1 = - 1;