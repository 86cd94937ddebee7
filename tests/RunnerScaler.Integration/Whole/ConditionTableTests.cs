using System.Reflection;
using RunnerScaler.Integration.Examples;

namespace RunnerScaler.Integration.Whole;

/// <summary>Every row of the table in <c>docs/conditions.md</c> is seen at a running controller by some test.</summary>
public sealed class ConditionTableTests
{
    [Fact]
    public void EveryRowIsWalkedByATest()
    {
        var walked = typeof(ConditionTableTests).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods())
            .SelectMany(m => m.GetCustomAttribute<WalksAttribute>()?.Rows ?? []);
        Assert.Equal(RowsOfThePage().Order(StringComparer.Ordinal), walked.Distinct().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> RowsOfThePage() =>
        from line in File.ReadLines(Path.Combine(Example.Root, "docs", "conditions.md"))
        where line.StartsWith("| `", StringComparison.Ordinal)
        let cells = line.Split('|').Select(cell => cell.Trim().Trim('`')).ToArray()
        select $"{cells[1]} {cells[2]} {cells[3]}";
}
