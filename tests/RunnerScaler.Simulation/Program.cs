using RunnerScaler.Simulation;
using RunnerScaler.Simulation.Running;

// With --seed or --seeds it runs seeds; with anything else it is an ordinary test application.
if (SeedCommand.TryParse(args, out var command))
    return command.Run(Console.Out);
return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
    args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
