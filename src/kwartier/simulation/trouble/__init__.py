"""What each kind of fault does: to what meters tell, to stations and their network, to cars, to the controller's
machine, and to limits and inputs from outside."""
