SELECT 1
   
	
