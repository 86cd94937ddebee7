using RunnerImage;

return await Names.RunAsync(Environment.GetCommandLineArgs());
