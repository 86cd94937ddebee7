using RunnerScaler.Hosting;

return await ScalerHost.RunAsync(args, Console.Out, Console.Error);
