namespace RunnerScaler.Tests.Tidy;

public sealed class MembersTests
{
    private const string Sample = """
        namespace Some.Place;

        /// <summary>class Nothing { void No() { } }</summary>
        [Attribute(nameof(Sample))]
        internal sealed class Sample<T>(int size) : Base(size) where T : class
        {
            private readonly Func<int> field = () => { return Call(); };

            public string Text { get; init; } = Make();

            public int Count
            {
                get
                {
                    return Many();
                }
            }

            public int Long =>
                Many();

            public int[] Table =>
            [
                1,
            ];

            [Fact]
            public Sample() : this(1)
            {
            }

            public static (int A, string? B) Pair<TKey>(
                TKey key, string text = "}")
            {
                if (key is { } k)
                {
                    return (1, $"{k}");
                }

                return (2, null);
            }

            public int Arrow(int x) =>
                x switch
                {
                    1 => 2,
                    _ => Call(x),
                };

            public static bool operator ==(Sample<T> a, Sample<T> b) => true;

            private enum Inner { One = 1, Two }

            private readonly record struct Point(int X, int Y);

            private interface IThing
            {
                Task<(int A, int B)> DoAsync();
            }
        }
        """;

    private static readonly SourceFile File = new("src/X/Sample.cs", Sample);

    [Fact]
    public void TypesAreFoundWithTheirNames() =>
        Assert.Equal(["Sample", "Inner", "Point", "IThing"], Members.Types(File).Select(t => t.Name));

    [Fact]
    public void MethodsAndBodiesOfPropertiesAreFoundAndFieldsAreNot() => Assert.Equal(
        ["get", "Long", "Sample", "Pair", "Arrow", "==", "DoAsync"],
        Members.Methods(File).Select(m => m.Name));

    [Fact]
    public void LengthsRunFromTheSignatureToTheLastLine() =>
        Assert.Equal([4, 2, 3, 10, 6, 1, 1], Members.Methods(File).Select(m => m.Length));

    [Fact]
    public void LinesAreCountedFromOneAfterTheAttributes() =>
        Assert.Equal(28, Members.Methods(File).Single(m => m.Name == "Sample").Line);

    [Fact]
    public void StatementsOfAProgramAreAMethod()
    {
        var program = new SourceFile("src/X/Program.cs", "if (a)\n{\n    b();\n}\nreturn 0;\nclass C { void M() { } }");

        Assert.Equal([new("Program", 1, 5), new("M", 6, 1)], Members.Methods(program));
    }
}
