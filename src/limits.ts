// Every limit of the gateway, gathered from the folders that own them.
