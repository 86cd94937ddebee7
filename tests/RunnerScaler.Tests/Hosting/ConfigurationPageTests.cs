using RunnerScaler.Hosting;

namespace RunnerScaler.Tests.Hosting;

/// <summary>Holds <c>docs/configuration.md</c> and the code together.</summary>
public sealed class ConfigurationPageTests
{
    [Fact]
    public void EveryOptionStandsThereWithItsVariableDefaultAndRange()
    {
        var documented =
            from line in Page.Read("configuration.md").Split('\n')
            where line.StartsWith("| `", StringComparison.Ordinal)
            let cells = line.Split('|').Select(cell => cell.Trim().Trim('`')).ToArray()
            select (cells[1], cells[2], cells[3], cells[4]);

        var actual =
            from option in OptionReader.All(new ScalerOptions())
            select (option.Path, OptionName.Variable(option.Path), option.Value, option.Wanted);

        Assert.Equal(actual.Order(), documented.Order());
    }
}
