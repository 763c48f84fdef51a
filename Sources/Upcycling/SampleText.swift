/// The bundled text that routers are made from: prose in the public domain, and passages written for this purpose.
///
/// The prose is by Carroll, Austen, Lincoln, Melville, Darwin, Blake and Jefferson.
enum SampleText {
    static let name = "the bundled sample text"
    static let content = #"""
        Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do: once or twice she had peeped into the book her sister was reading, but it had no pictures or conversations in it, "and what is the use of a book," thought Alice, "without pictures or conversations?" So she was considering in her own mind, as well as she could, for the hot day made her feel very sleepy and stupid, whether the pleasure of making a daisy-chain would be worth the trouble of getting up and picking the daisies, when suddenly a White Rabbit with pink eyes ran close by her. There was nothing so very remarkable in that; nor did Alice think it so very much out of the way to hear the Rabbit say to itself, "Oh dear! Oh dear! I shall be late!"

        It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this truth is so well fixed in the minds of the surrounding families, that he is considered as the rightful property of some one or other of their daughters.

        Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, and dedicated to the proposition that all men are created equal. Now we are engaged in a great civil war, testing whether that nation, or any nation so conceived and so dedicated, can long endure. We are met on a great battle-field of that war.

        Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world. It is a way I have of driving off the spleen and regulating the circulation. Whenever I find myself growing grim about the mouth; whenever it is a damp, drizzly November in my soul; then, I account it high time to get to sea as soon as I can.

        When on board H.M.S. Beagle, as naturalist, I was much struck with certain facts in the distribution of the inhabitants of South America, and in the geological relations of the present to the past inhabitants of that continent. These facts seemed to me to throw some light on the origin of species, that mystery of mysteries, as it has been called by one of our greatest philosophers.

        Question: What is the capital of France?
        Answer: The capital of France is Paris. It lies on the river Seine and has about two million inhabitants.

        Question: How many days are there in a leap year, and when does one occur?
        Answer: A leap year has 366 days. Years divisible by 4 are leap years, except years divisible by 100 but not by 400. So 2000 was a leap year, and 1900 was not.

        Question: Why is the sky blue?
        Answer: Air scatters short waves of light more than long ones. Blue light is scattered more than red light, so we see blue from every direction of the sky. In the evening the light takes a longer way through the air, and mostly red is left.

        Question: Give three tips for staying healthy.
        Answer:
        1. Eat a balanced diet with plenty of vegetables, fruit and whole grains.
        2. Move every day: walk, cycle, swim or dance for at least half an hour.
        3. Sleep enough. Most adults need between seven and nine hours a night.

        Question: What does this function compute?

        ```python
        def gcd(a, b):
            while b:
                a, b = b, a % b
            return abs(a)

        print(gcd(84, 36))  # 12
        ```

        Answer: It computes the greatest common divisor of two integers with Euclid's algorithm. Each round replaces the pair by the smaller number and the remainder of the division, until the remainder is zero.

        Here is the same idea in C, with a table of results:

        ```c
        #include <stdio.h>

        static unsigned gcd(unsigned a, unsigned b) {
            while (b != 0) {
                unsigned rest = a % b;
                a = b;
                b = rest;
            }
            return a;
        }

        int main(void) {
            for (unsigned n = 1; n <= 10; n++)
                printf("%u: %u\n", n, gcd(n, 12));
            return 0;
        }
        ```

        | city | country | population in millions |
        |---|---|---|
        | Tokyo | Japan | 37.1 |
        | Delhi | India | 33.8 |
        | Lagos | Nigeria | 16.5 |

        {"name": "Ada Lovelace", "born": 1815, "fields": ["mathematics", "computing"], "alive": false}

        Dear Mr. Thompson,

        Thank you for your letter of 12 March. I am writing to confirm our meeting on Tuesday at 10:30 a.m. in the main office. Please bring the signed contract, the revised budget and a copy of your passport. If you cannot come, call me at your convenience, and we shall find another date.

        Yours sincerely,
        Helen Brown

        The water cycle has four main stages. The sun warms the seas, and water rises as vapour. High in the cold air the vapour condenses into tiny drops, which gather in clouds. When the drops grow too heavy, they fall as rain, snow or hail. At last the water flows back through soil, streams and rivers to the sea, and the cycle begins again.

        To bake a simple loaf, mix 500 grams of flour with 10 grams of salt and 7 grams of dry yeast. Add 320 millilitres of warm water and knead the dough for ten minutes. Cover the bowl and let the dough rise for an hour, until it has doubled. Shape it, let it rest for another half hour, and bake it at 230 degrees Celsius for 35 minutes. The loaf is done when it sounds hollow.

        The stock closed at $41.25 on Friday, up 3.4% from the week before. Analysts had expected earnings of 62 cents per share; the company reported 71. Revenue rose to 2.8 billion dollars in the third quarter. "We are pleased with these results," the chief executive said, "but the next year will be harder."

        Solve for x: 3x + 7 = 22. Subtract 7 from both sides: 3x = 15. Divide both sides by 3: x = 5. Check: 3 * 5 + 7 = 22.

        A triangle with sides of 3, 4 and 5 has a right angle, because 9 + 16 = 25. The area is half of 3 times 4, which is 6. The perimeter is 12.

        Once upon a time, a small fox lived at the edge of a dark forest. Every evening she watched the lights of the village and wondered who lived there. One night the snow fell so deep that she found nothing to eat. She went down to the village, very quietly, and sat before the first door. A girl opened it, looked at her for a long time, and put down a bowl of soup. "You may stay until morning," she said, "if you do not tell the hens." From then on the fox came every winter.

        Tyger Tyger, burning bright,
        In the forests of the night;
        What immortal hand or eye,
        Could frame thy fearful symmetry?

        In 1969 two astronauts walked on the Moon while a third circled above them. The journey took three days each way. They brought back 21 kilograms of rock and dust, and left instruments behind that are still used to measure the distance between the Earth and the Moon. Light takes about 1.3 seconds for that distance.

        User: I would like to learn how to play the guitar. Where should I start?
        Assistant: Start with a comfortable instrument and a tuner. Learn three chords first, such as G, C and D, and change between them slowly. Practise for fifteen minutes every day rather than two hours once a week. After a month you will be able to play many simple songs.
        User: And how do I keep my fingers from hurting?
        Assistant: Some soreness is normal at first. Use light strings, press close to the fret, and take breaks. It goes away after a few weeks.

        SELECT customers.name, COUNT(orders.id) AS total
        FROM customers LEFT JOIN orders ON orders.customer_id = customers.id
        WHERE customers.country = 'Norway'
        GROUP BY customers.name
        ORDER BY total DESC
        LIMIT 10;

        The human heart beats about one hundred thousand times a day. It has four chambers: two atria, which receive the blood, and two ventricles, which pump it out. The right side sends blood to the lungs, where it takes up oxygen; the left side sends it through the rest of the body.

        We hold these truths to be self-evident, that all men are created equal, that they are endowed by their Creator with certain unalienable Rights, that among these are Life, Liberty and the pursuit of Happiness. That to secure these rights, Governments are instituted among Men, deriving their just powers from the consent of the governed.
        """#
}
